import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Admission } from '../../src/http/admission.js';

let admission: Admission;

beforeEach(() => {
  admission = new Admission(1_000);
});

afterEach(() => admission.stop());

const enter = (count: number) => {
  let entered = 0;
  for (; entered < count && !admission.isFull; entered += 1) {
    admission.enter();
  }
  return entered;
};
const leave = (count: number, wasServed = true) => {
  for (let left = 0; left < count; left += 1) {
    admission.leave(wasServed);
  }
};

describe('R10, R12 who is let in', () => {
  test('R12 a burst, up to the limit', () => {
    expect(enter(1_500)).toBe(1_000);
    leave(1_000);
    admission.turn();
    admission.turn();
    expect(enter(1_500)).toBe(1_000);
  });

  test('R12 of a crowd that stays, as many as were finished in the last turn', () => {
    enter(1_000);
    admission.turn();
    leave(300);
    expect(enter(1_000)).toBe(300);
    admission.turn();
    expect(admission.isFull).toBe(true);
    leave(700);
    expect(enter(1_000)).toBe(0);
    leave(1);
    expect(enter(1_000)).toBe(1);
  });

  test('R12 of a crowd whose requests fail, no more for all that', () => {
    enter(1_000);
    admission.turn();
    leave(700, false);
    leave(10);
    admission.turn();
    expect(enter(1_000)).toBe(0);
    leave(91);
    expect(enter(1_000)).toBe(1);
  });

  test('R12 never fewer than two hundred, so that a slow turn is no end', () => {
    enter(1_000);
    admission.turn();
    admission.turn();
    leave(850);
    expect(enter(1_000)).toBe(50);
  });

  test('R12 everyone again, once the crowd has gone', () => {
    enter(1_000);
    admission.turn();
    admission.turn();
    leave(900);
    admission.turn();
    expect(enter(2_000)).toBe(300);
    leave(300);
    admission.turn();
    admission.turn();
    expect(enter(2_000)).toBe(900);
  });

  test('R12 a queue of slow logins is no crowd', () => {
    enter(110);
    admission.turn();
    admission.turn();
    expect(enter(2_000)).toBe(890);
  });
});
