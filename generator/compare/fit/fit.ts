import type { Member } from '../../../runtime/contract/shape/converter.js';
import { admitsAbsence, membersOf } from '../../../runtime/contract/shape/members.js';
import type { Shape } from '../../../runtime/contract/types.js';
import { fieldMisfits } from './fields.js';
import { listMisfits } from './lists.js';
import { type Misfit, misfit, type Payload, type Walk, type Way } from './misfit.js';
import { scalarFits } from './scalars.js';

/**
 * Where values of one shape are no values of another. None: every value fits. It errs towards a misfit, never away from one.
 */
export function misfitsOf(from: Payload, to: Payload, way: Way): Misfit[] {
  // Names refer to themselves: a pair that is being looked at already adds nothing new.
  const underway = new Set<string>();
  const walk: Walk = {
    way,
    misfits: between,
    fromAdmitsAbsence: (shape) => admitsAbsence(shape, from.definitions),
    toAdmitsAbsence: (shape) => admitsAbsence(shape, to.definitions),
  };
  return between(from.shape, to.shape, true);

  function between(a: Shape, b: Shape, placed: boolean): Misfit[] {
    const pair = JSON.stringify([a, b, placed]);
    if (underway.has(pair)) return [];
    underway.add(pair);
    const members = membersOf(a, from.definitions);
    const targets = membersOf(b, to.definitions).map(({ opened }) => opened);
    const found = gather(a, b, members, (member) => ofMember(member.opened, targets, placed));
    underway.delete(pair);
    return found;
  }

  /** Of one member: it must fit one of the others, or come apart into members that do. */
  function ofMember(member: Shape, targets: readonly Shape[], placed: boolean): Misfit[] {
    if (member.kind === 'undefined' || member.kind === 'null') {
      return emptyFits(member.kind, targets, placed) ? [] : [misfit('type', member)];
    }
    const tries = targets.map((target) => ofPair(member, target));
    if (tries.some((misfits) => misfits.length === 0)) return [];
    const parts = partsOf(member);
    if (parts.length > 0 && parts.every((part) => ofMember(part, targets, placed).length === 0)) {
      return [];
    }
    return closest(tries) ?? [misfit('type', member)];
  }

  function emptyFits(
    kind: 'undefined' | 'null',
    targets: readonly Shape[],
    placed: boolean,
  ): boolean {
    const takes = (...kinds: Shape['kind'][]) =>
      targets.some((target) => kinds.includes(target.kind));
    if (way !== 'stored') return kind === 'null' ? takes('null', 'json') : takes('undefined');
    if (placed) return takes('null', 'json', 'undefined');
    return kind === 'undefined' || takes('null', 'json');
  }

  function ofPair(member: Shape, target: Shape): Misfit[] {
    if (target.kind === 'json') return ofJson(member);
    return (
      listMisfits(member, target, walk) ??
      fieldMisfits(member, target, walk) ??
      (scalarFits(member, target, way) ? [] : [misfit('type', member, target)])
    );
  }

  /** Whatever is stored is JSON. In the program a Date or a Set is not. */
  function ofJson(member: Shape): Misfit[] {
    const json: Shape = { kind: 'json' };
    if (way === 'stored' || scalarFits(member, json, way)) return [];
    return (
      listMisfits(member, { kind: 'array', item: json }, walk) ??
      fieldMisfits(member, { kind: 'record', value: json }, walk) ?? [misfit('type', member, json)]
    );
  }
}

/** The misfits of all members: those further in as they are, and the members that are lost as one. */
function gather(
  from: Shape,
  to: Shape,
  members: readonly Member[],
  misfitsOfMember: (member: Member) => readonly Misfit[],
): Misfit[] {
  const lost: Shape[] = [];
  const further: Misfit[] = [];
  for (const member of members) {
    const found = misfitsOfMember(member);
    if (found.some(({ path }) => path.length === 0)) lost.push(member.shape);
    else further.push(...found);
  }
  if (lost.length === 0) return further;
  const all = lost.length === members.length;
  return [{ ...misfit('type', from, to), lost: all ? [] : lost }, ...further];
}

/** What a shape of several kinds of values comes apart into, where no single one takes it whole. */
function partsOf(shape: Shape): readonly Shape[] {
  if (shape.kind === 'boolean') {
    return [true, false].map((value) => ({ kind: 'literal', value }));
  }
  if (shape.kind !== 'json') return [];
  return [
    { kind: 'string' },
    { kind: 'number' },
    { kind: 'boolean' },
    { kind: 'null' },
    { kind: 'array', item: shape },
    { kind: 'record', value: shape },
  ];
}

/** The try that got further in than the whole, with the fewest misfits. Of several, one that a literal tells apart is not it. */
function closest(tries: readonly Misfit[][]): Misfit[] | null {
  const near = tries.filter((misfits) => misfits.every(({ path }) => path.length > 0));
  const candidates = tries.length === 1 ? near : near.filter((misfits) => !misfits.some(isOther));
  const [best = null] = candidates.sort((a, b) => a.length - b.length);
  return best;
}

function isOther({ from, to }: Misfit): boolean {
  return from?.kind === 'literal' && to?.kind === 'literal';
}
