// title: Who cooperates with whom
// parameter: limit (number) = 1000: how many
// columns: a_id, a, b_id, b, first_reported, articles
MATCH (a:Organization)-[r:COOPERATES_WITH]->(b:Organization)
RETURN a.id AS a_id, a.name AS a, b.id AS b_id, b.name AS b, r.first_reported AS first_reported,
  r.article_ids AS articles
ORDER BY a, b, a_id, b_id
LIMIT $limit
