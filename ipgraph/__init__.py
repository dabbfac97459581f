"""Who met whom, read from the news: articles in, a graph whose every fact cites its sentence out."""
