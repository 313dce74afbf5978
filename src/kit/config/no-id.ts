/** Stands in a configuration where an id is still to be filled in: a GUID by its form, and nobody's. */
export const NO_ID = '00000000-0000-0000-0000-000000000000';
