using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.SemanticCache;

/// <summary>The stage once its models are loaded.</summary>
/// <param name="Lookup">Asked for every request.</param>
/// <param name="Indexer">Told of every recorded answer.</param>
/// <param name="Pending">Told of every question that goes upstream.</param>
/// <param name="Truth">Told of every decision.</param>
/// <param name="Services">What runs beside the requests, in the order of starting.</param>
/// <param name="Owned">What is disposed after the services have stopped, in this order.</param>
public sealed record SemanticParts(
    SemanticLookup Lookup, QuestionIndexer Indexer, PendingQuestions Pending, TruthKeeper Truth, IReadOnlyList<IHostedService> Services, IReadOnlyList<IDisposable> Owned);
