"""The send-time scenario day by day, thousands of times: how often the verdict is right."""
