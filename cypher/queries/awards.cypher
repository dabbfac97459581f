// title: Awards of somebody or something, or who received an award
// parameter: name (Person|Organization|Brand|Place|Award): the receiver or the award
// columns: receiver, kind, award, status, date, confidence, articles
MATCH (w)-[r:RECEIVED]->(a:Award)
WHERE w.id = $name OR a.id = $name
RETURN w.name AS receiver, labels(w)[0] AS kind, a.name AS award, r.status AS status, r.date AS date,
  r.confidence AS confidence, r.article_ids AS articles
ORDER BY date, receiver, award, status
