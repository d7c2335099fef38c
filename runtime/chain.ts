/** One function of layers around a last step: the first layer is the outermost. */
export function chain<Request, Result>(
  layers: readonly ((
    request: Request,
    next: (request: Request) => Promise<Result>,
  ) => Promise<Result>)[],
  last: (request: Request) => Promise<Result>,
): (request: Request) => Promise<Result> {
  return layers.reduceRight<(request: Request) => Promise<Result>>(
    (next, layer) => async (request) => layer(request, next),
    last,
  );
}
