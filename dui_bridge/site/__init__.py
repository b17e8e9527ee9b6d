"""The configuration of a site: read, typed, checked and shown.

`settings.load_site` for every command; `checks.check_site` for `config check`; `effective.effective` for
`config show --effective`; `schema.site_json_schema` for editors.
"""
