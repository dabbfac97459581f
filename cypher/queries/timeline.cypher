// title: Timeline of an organization: what it attended, organized, received, and who it worked with
// parameter: organization (Organization): the organization
// columns: date, type, what, id, role, articles
MATCH (o:Organization {id: $organization})-[r:ATTENDED|ORGANIZED|RECEIVED|COOPERATES_WITH]-(x)
RETURN coalesce(x.date_from, r.date, r.first_reported) AS date, type(r) AS type, x.name AS what, x.id AS id,
  coalesce(r.role, r.status) AS role, r.article_ids AS articles
ORDER BY date, type, what, id, role
