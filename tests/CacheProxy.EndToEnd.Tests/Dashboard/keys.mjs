// As DashboardProgram sets them.
export const adminKey = 'key of the administrator';
export const readerKey = 'key of who only looks';
