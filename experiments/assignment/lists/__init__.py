"""Lists of customers: a file in, the same rows with their variants out.

- `reading`: encodings, and blocks of a text file that end where a row ends.
- `csv_rows`, `ndjson_rows`, `parquet_rows`: one form each, in bounded memory.
- `added`: what is added to a row; `presets`: the columns that other tools expect.
- `run`: a file from end to end; `digest`: what proves the answer afterwards.
"""
