"""A report as files that other programs read: CSV, workbook, document, data frame."""
