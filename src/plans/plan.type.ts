import { Field, Int, ObjectType } from 'type-graphql';
import { Guard } from '../access/guard.js';
import { open } from '../access/rules.js';

const toldToWhoeverAsks = open('whoever may ask for a plan may read all of it');

@Guard(toldToWhoeverAsks)
@ObjectType('PlanError', { description: 'Why a document cannot be planned.' })
export class PlanErrorType {
  @Field(() => String, { description: 'What is wrong with it.' })
  message!: string;

  @Field(() => Int, { nullable: true, description: 'The line, from 1.' })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: 'The column, from 1.' })
  column!: number | null;
}

@Guard(toldToWhoeverAsks)
@ObjectType('PlanCoordinate', { description: 'A field that a document selects, and what it needs.' })
export class PlanCoordinateType {
  @Field(() => String, { description: 'The schema coordinate, such as `Post.title`.' })
  coordinate!: string;

  @Field(() => [String], { description: 'Its rules in words.' })
  rules!: readonly string[];

  @Field(() => [String], { description: 'The abilities that it adds; with several, any one of them.' })
  abilities!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description:
      'The type that an interface or a union must turn out to have for this to count; null when it always does.',
  })
  onType!: string | null;
}

@Guard(toldToWhoeverAsks)
@ObjectType('AccessPlan', { description: 'What a document needs, known without running it and without any data.' })
export class AccessPlanType {
  @Field(() => Boolean, { description: 'Whether the document can be planned.' })
  valid!: boolean;

  @Field(() => [PlanErrorType], { description: 'Why it cannot; empty for a valid document.' })
  errors!: readonly PlanErrorType[];

  @Field(() => String, { nullable: true, description: 'The name of the operation that was planned.' })
  operationName!: string | null;

  @Field(() => [[String]], {
    description:
      'Alternatives: a token needs all abilities of any one of these lists. No list at all: no token will do.',
  })
  sets!: readonly (readonly string[])[];

  @Field(() => [PlanCoordinateType], { description: 'Every field that it selects.' })
  coordinates!: readonly PlanCoordinateType[];

  @Field(() => Boolean, { description: 'Whether only a first-party session may send it.' })
  firstParty!: boolean;

  @Field(() => Boolean, { description: 'Whether only an administrator may send it.' })
  administrator!: boolean;

  @Field(() => [String], { description: 'The decisions on single records that are left to the run.' })
  policies!: readonly string[];

  @Field(() => [String], { description: 'The abilities that it needs and that you have.' })
  granted!: readonly string[];

  @Field(() => [String], { description: 'The abilities that it needs and that you lack, by the nearest alternative.' })
  missing!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description:
      'The path of the console page that creates a token for it, with a name and the shortest list of `sets` filled in; null when no token will do.',
  })
  createTokenPath!: string | null;
}
