"""What people and programs send us over HTTP: 企业微信 callbacks, signed webhooks, the form of a suggestion box."""
