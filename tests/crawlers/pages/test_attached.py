import pytest

from crawlers.pages.attached import FILE, attached, file_in


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("断线.jpg (Size: 12 KB)", "断线.jpg"),
        ("断线 2.jpg", "断线 2.jpg"),
        ("Filename: 断线.jpg\rSize: 12.5 KB\r11-20-2026, 10:20 AM", "断线.jpg"),
        ("文件名：断线.v2.jpg\n大小：12 KB", "断线.v2.jpg"),
        ("断线", ""),
        ("Size: 12.5 KB", ""),
        ("../etc/passwd.txt", ""),
        ("", ""),
    ],
)
def test_an_images_title_names_its_file_before_its_size(title: str, name: str) -> None:
    assert file_in(title) == name


def test_files_are_named_once_with_what_their_writer_says_of_them() -> None:
    files = [("断线.jpg", "高压线挂树上"), ("通知.pdf", ""), ("通知.pdf", ""), ("", "x")]
    assert attached(files) == "附件：断线.jpg（高压线挂树上）、通知.pdf"
    assert attached([]) == attached([("", "")]) == ""


def test_a_files_name_ends_in_what_it_is() -> None:
    assert all(map(FILE.fullmatch, ("通知.pdf", "a b.tar.gz")))
    assert not any(map(FILE.fullmatch, ("通知", "a/b.pdf", "https://x.cn/a.pdf", ".pdf")))
