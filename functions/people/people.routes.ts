import { z } from 'zod';
import { Slug } from '../../domain/cases/case.ts';
import { Team } from '../../domain/people/team.ts';
import { UserFields, UserId } from '../../domain/people/user.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { Deleted, settingView } from '../settings/documents.ts';
import { UserView } from './users.ts';

const user = z.object({ userId: UserId });
const team = z.object({ id: Slug });
const TeamView = settingView(Team);

/** The routes of users and teams: everyone who works with them reads them, admins set them up. */
export const peopleRoutes = {
  listUsers: declareRoute({
    method: 'GET',
    path: '/v1/users',
    tag: 'People',
    summary: 'List the users',
    roles: ['agent'],
    query: z.strictObject({ ...pageQuery, active: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional() }),
    answer: pageOf(UserView),
  }),
  getUser: declareRoute({
    method: 'GET',
    path: '/v1/users/{userId}',
    tag: 'People',
    summary: 'Read a user, with their teams and the state of a hand-over',
    roles: ['agent'],
    params: user,
    answer: UserView,
  }),
  putUser: declareRoute({
    method: 'PUT',
    path: '/v1/users/{userId}',
    tag: 'People',
    summary: 'Create or replace a user',
    description:
      'A user is also made by their first request. Deactivating one returns their open cases to the queues; `handOver` tells how many have gone back.',
    roles: ['admin'],
    params: user,
    body: UserFields,
    answer: UserView,
    refusals: ['STALE_VERSION'],
  }),
  deleteUser: declareRoute({
    method: 'DELETE',
    path: '/v1/users/{userId}',
    tag: 'People',
    summary: 'Remove a user who owns no open case and whom no team, queue or rule names',
    roles: ['admin'],
    params: user,
    answer: Deleted,
    refusals: ['IN_USE', 'STALE_VERSION'],
  }),
  listTeams: declareRoute({
    method: 'GET',
    path: '/v1/teams',
    tag: 'People',
    summary: 'List the teams',
    roles: ['agent'],
    query: z.strictObject(pageQuery),
    answer: pageOf(TeamView),
  }),
  getTeam: declareRoute({
    method: 'GET',
    path: '/v1/teams/{id}',
    tag: 'People',
    summary: 'Read a team',
    roles: ['agent'],
    params: team,
    answer: TeamView,
  }),
  putTeam: declareRoute({
    method: 'PUT',
    path: '/v1/teams/{id}',
    tag: 'People',
    summary: 'Create or replace a team',
    description: 'Who joins or leaves does so for every queue and case of the team from the answer on.',
    roles: ['admin'],
    params: team,
    body: Team,
    answer: TeamView,
    refusals: ['STALE_VERSION'],
  }),
  deleteTeam: declareRoute({
    method: 'DELETE',
    path: '/v1/teams/{id}',
    tag: 'People',
    summary: 'Remove a team that owns no open case and that no queue or rule names',
    roles: ['admin'],
    params: team,
    answer: Deleted,
    refusals: ['IN_USE', 'STALE_VERSION'],
  }),
};
