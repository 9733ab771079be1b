"""Kibana's dashboards of an installation, made from configs/kibana/dashboards.yml and handed to its server."""
