// Constraints and indexes that `ipgraph sync` makes first. Made by ipgraph/store/statements.py; a test compares.
CREATE CONSTRAINT ipgraph_person_key IF NOT EXISTS FOR (n:Person) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_organization_key IF NOT EXISTS FOR (n:Organization) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_brand_key IF NOT EXISTS FOR (n:Brand) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_event_key IF NOT EXISTS FOR (n:Event) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_place_key IF NOT EXISTS FOR (n:Place) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_award_key IF NOT EXISTS FOR (n:Award) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_article_key IF NOT EXISTS FOR (n:Article) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE CONSTRAINT ipgraph_ipgraphstate_key IF NOT EXISTS FOR (n:IpgraphState) REQUIRE n.ipgraph_key IS UNIQUE;
CREATE INDEX ipgraph_person_id IF NOT EXISTS FOR (n:Person) ON (n.id);
CREATE INDEX ipgraph_organization_id IF NOT EXISTS FOR (n:Organization) ON (n.id);
CREATE INDEX ipgraph_brand_id IF NOT EXISTS FOR (n:Brand) ON (n.id);
CREATE INDEX ipgraph_event_id IF NOT EXISTS FOR (n:Event) ON (n.id);
CREATE INDEX ipgraph_place_id IF NOT EXISTS FOR (n:Place) ON (n.id);
CREATE INDEX ipgraph_award_id IF NOT EXISTS FOR (n:Award) ON (n.id);
CREATE INDEX ipgraph_article_id IF NOT EXISTS FOR (n:Article) ON (n.id);
