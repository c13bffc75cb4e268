//! THE isolation test: no tenant reads, guesses or changes what is another's, whatever table or route is tried.
//!
//! [`tables`] goes over every table of the database, [`routes`] over every operation of the API and every page.
//! Both compare what there is with a list here, so that a new table or route fails until somebody has
//! said whose it is. A hole is looked for where it would be, not where the code says that there is none:
//! the tables test breaks the walls one by one and expects to be told.

mod routes;
mod seed;
mod tables;
