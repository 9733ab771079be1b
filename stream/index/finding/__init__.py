"""What a person does with a search: its words in Chinese, its copies folded, why it found nothing, its sheets."""
