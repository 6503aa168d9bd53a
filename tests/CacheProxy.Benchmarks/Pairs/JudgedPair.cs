using CacheProxy.SemanticCache.Cascade;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Benchmarks.Pairs;

internal sealed record JudgedPair(LabelledPair Pair, PairVerdict Verdict);
