using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.SemanticCache.Truth;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache;

/// <summary>
/// Stage 5, the cascade: eligible? → static vectors → embed → nearest neighbours → guards → verifier → policy → entry. Cheap steps first, each can only reject.
/// It never throws but for the caller's own cancellation, and never takes longer than its budget: whatever fails is a miss.
/// </summary>
public sealed partial class SemanticLookup(
    IEmbedder embedder,
    IVectorIndex index,
    GuardChain guards,
    IVerifier verifier,
    CascadeScore score,
    ISemanticPolicy policy,
    IEnumerable<IEntryStore> stores,
    IOptionsMonitor<SemanticOptions> options,
    TimeProvider time,
    ILogger<SemanticLookup> logger,
    StaticPrefilter? prefilter = null,
    ITokenLimit? limit = null,
    PendingQuestions? pending = null)
{
    // Of the budget, for questions that are being indexed: embedding and inserting one takes some 5 ms, a client's next request comes after less.
    private const double WaitShare = 0.3;

    private readonly SemanticPartition _partition = new(embedder.Fingerprint, verifier.Fingerprint);
    private readonly PairJudge _judge = new(guards, verifier, score, policy);
    private readonly ConversationJudge _conversations = new(embedder, new PairJudge(guards, verifier, score, policy));
    private readonly IEntryStore[] _stores = [.. stores];

    /// <exception cref="OperationCanceledException">Only when <paramref name="cancellationToken"/> asked for it.</exception>
    public async ValueTask<SemanticDecision> LookupAsync(SemanticQuery query, CancellationToken cancellationToken)
    {
        SemanticOptions current = options.CurrentValue;
        SemanticReason unfit = SemanticEligibility.Check(query, current, out QuestionText? question);
        if (unfit != SemanticReason.None)
        {
            return SemanticDecision.Skip(unfit);
        }

        if (limit?.IsExceededBy(query.Text!) == true)
        {
            return SemanticDecision.Skip(SemanticReason.TooLong);
        }

        PolicyScope scope = query.ScopeOf(default);
        if (policy.IsOff(scope))
        {
            return SemanticDecision.Skip(SemanticReason.PolicyOff);
        }

        policy.NoteRequest(scope);
        SemanticDecision decision = await LookUpAsync(query, question!, current, cancellationToken);
        return !decision.IsHit && policy.IsExactOnly(scope) ? decision with { Reason = SemanticReason.ExactOnly } : decision;
    }

    private async ValueTask<SemanticDecision> LookUpAsync(SemanticQuery query, QuestionText question, SemanticOptions current, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(TimeSpan.FromMilliseconds(current.BudgetMilliseconds), time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        var run = new LookupRun(query, question, current, time);
        try
        {
            return await Observed(RunAsync(run, linked.Token)).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested)
        {
            return run.Decide(SemanticReason.BudgetSpent);
        }
        catch (Exception exception)
        {
            Log.StepFailed(logger, run.FailureReason, exception);
            return run.Decide(run.FailureReason);
        }
    }

    private async Task<SemanticDecision> RunAsync(LookupRun run, CancellationToken cancellationToken)
    {
        Fingerprint256 partition = _partition.Derive(run.Query.Partition, run.Question.Script);
        await WaitAsync(run, cancellationToken);
        run.Enter(LookupStep.Prefilter, SemanticReason.IndexFailed);
        if (run.Options.Prefilter && prefilter?.RulesOut(partition, run.Query.Text!, run.Options.PrefilterSimilarity) == true)
        {
            return run.Decide(SemanticReason.ClearMiss);
        }

        run.Enter(LookupStep.Embed, SemanticReason.EmbedderFailed);
        Embedding embedding = await embedder.EmbedAsync(run.Query.Text!, cancellationToken);
        if (embedding.IsTruncated)
        {
            return run.Decide(SemanticReason.TooLong);
        }

        // No vector, one of zeros or of what is no number is no answer of an encoder.
        VectorQuantizer.RequireUsable(embedding.Vector.Span, embedder.Dimensions);
        run.Vector = embedding.Vector;
        run.Enter(LookupStep.Search, SemanticReason.IndexFailed);
        float minimum = Math.Max(run.Options.MinimumSimilarity, run.Query.Wish.MinimumSimilarity);
        IReadOnlyList<Neighbour> neighbours = await index.SearchAsync(partition, embedding.Vector, run.Options.Neighbours, minimum, cancellationToken);

        run.Enter(LookupStep.Guard, SemanticReason.IndexFailed);
        List<Candidate> candidates = Guard(run, neighbours, minimum);
        if (candidates.Count == 0)
        {
            return run.Decide(neighbours.Count == 0 ? SemanticReason.NoNeighbour : SemanticReason.Guarded);
        }

        // The nearest first and alone, the others in one batch: a pair costs the same in a batch as by itself (4 ms), and most hits are the nearest.
        return await JudgeAsync(run, candidates[..1], cancellationToken)
            ?? (candidates.Count > 1 ? await JudgeAsync(run, candidates[1..], cancellationToken) : null)
            ?? run.DecideMiss();
    }

    private async ValueTask WaitAsync(LookupRun run, CancellationToken cancellationToken)
    {
        if (pending?.WaitFor(run.Query) is { } findable)
        {
            await findable.WaitAsync(TimeSpan.FromMilliseconds(run.Options.BudgetMilliseconds * WaitShare), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask<SemanticDecision?> JudgeAsync(LookupRun run, List<Candidate> candidates, CancellationToken cancellationToken)
    {
        run.Enter(LookupStep.Verify, SemanticReason.VerifierFailed);
        List<ServableCandidate> servable = await VerifyAsync(run, candidates, cancellationToken);
        await DropOtherContextsAsync(run, servable, cancellationToken);
        run.Enter(LookupStep.Fetch, SemanticReason.StoreFailed);
        return await ServeAsync(run, servable, cancellationToken);
    }

    // A step that ignores its cancellation goes on after the budget; the error that it may end with is nobody's concern.
    private static Task<SemanticDecision> Observed(Task<SemanticDecision> run)
    {
        _ = run.ContinueWith(
            static done => _ = done.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return run;
    }

    private List<Candidate> Guard(LookupRun run, IReadOnlyList<Neighbour> neighbours, float minimum)
    {
        var candidates = new List<Candidate>(run.Options.VerifiedCandidates);
        foreach (Neighbour neighbour in neighbours)
        {
            // Not left to the index: one that ignores the minimum, or answers NaN, must not get past here.
            if (!(neighbour.Similarity >= minimum) || candidates.Count == run.Options.VerifiedCandidates)
            {
                continue;
            }

            var cached = new QuestionText(IndexedText.QuestionOf(neighbour.Question.Text));
            string? veto = _judge.FirstVeto(cached, run.Question);
            run.Seen(new CandidateTrace(neighbour.Question.Fingerprint, neighbour.Similarity, veto) { Question = cached.Original });
            if (veto is null)
            {
                candidates.Add(new Candidate(neighbour.Question, new PairCandidate(run.Query.ScopeOf(neighbour.Question.Fingerprint), cached, run.Question, neighbour.Similarity, null)));
            }
        }

        return candidates;
    }

    private async ValueTask<List<ServableCandidate>> VerifyAsync(LookupRun run, List<Candidate> candidates, CancellationToken cancellationToken)
    {
        IReadOnlyList<PairJudgement> judgements = await _judge.JudgeAsync([.. candidates.Select(candidate => candidate.Pair)], cancellationToken);
        var servable = new List<ServableCandidate>();
        foreach ((Candidate candidate, PairJudgement judgement) in candidates.Zip(judgements))
        {
            run.SawTruncated |= judgement.IsTruncated;
            if (judgement.IsTruncated)
            {
                continue;
            }

            CandidateTrace trace = run.Judged(candidate.Question.Fingerprint, judgement.Logit, judgement.Verdict);
            var trial = new SemanticTrial(candidate.Pair.Scope, judgement.Evidence, judgement.Verdict, Served: false);
            run.Trial = run.Trial is { } best && best.Evidence.Probability >= judgement.Probability ? best : trial;
            if (judgement.Verdict.Serves)
            {
                servable.Add(new ServableCandidate(candidate.Question, trace, trial));
            }
        }

        servable.Sort(static (left, right) => right.Trace.Score!.Value.CompareTo(left.Trace.Score!.Value));
        return servable;
    }

    // The conversation is in the partition, as it always is where it is compared exactly; otherwise it is judged for those that would be served.
    private async ValueTask DropOtherContextsAsync(LookupRun run, List<ServableCandidate> servable, CancellationToken cancellationToken)
    {
        for (int i = servable.Count - 1; i >= 0 && run.Query.Earlier.Count > 0; i--)
        {
            IndexedQuestion candidate = servable[i].Question;
            if (!await _conversations.MatchAsync(
                EarlierTurns.Read(IndexedText.ContextOf(candidate.Text)), run.Query.Earlier, run.Query.ScopeOf(candidate.Fingerprint), run.Options, cancellationToken))
            {
                servable.RemoveAt(i);
                run.SawOtherContext = true;
            }
        }
    }

    private async ValueTask<SemanticDecision?> ServeAsync(LookupRun run, List<ServableCandidate> servable, CancellationToken cancellationToken)
    {
        foreach (ServableCandidate candidate in servable)
        {
            if (await FetchAsync(candidate.Question, cancellationToken) is not { } entry || !IsWelcome(entry, run.Query))
            {
                run.SawGone = true;
            }
            else if (policy.TryServe(candidate.Trial.Scope, candidate.Trial.Verdict))
            {
                return run.Decide(SemanticReason.None, candidate.Trace) with { Entry = entry, Trial = candidate.Trial with { Served = true } };
            }
            else
            {
                run.Refused(candidate.Trial);
            }
        }

        return null;
    }

    // The question stays indexed when its entry is not found: a store that is away for a moment also finds nothing.
    private async ValueTask<CacheEntry?> FetchAsync(IndexedQuestion question, CancellationToken cancellationToken)
    {
        foreach (IEntryStore store in _stores)
        {
            if (await store.GetAsync(question.Fingerprint, cancellationToken) is { } entry && entry.Fingerprint == question.Fingerprint)
            {
                return entry;
            }
        }

        return null;
    }

    // The partition holds the scope already; comparing it again means that no damaged index or store can carry an answer across tenants.
    private bool IsWelcome(CacheEntry entry, SemanticQuery query)
        => entry.Scope == query.Scope && FreshnessRules.Judge(entry, query.Policy, query.Directives, time.GetUtcNow()) == Freshness.Fresh;

    private readonly record struct Candidate(IndexedQuestion Question, PairCandidate Pair);

    private readonly record struct ServableCandidate(IndexedQuestion Question, CandidateTrace Trace, SemanticTrial Trial);

    private static partial class Log
    {
        [LoggerMessage(500, LogLevel.Warning, "Semantic look-up went on as a miss: {Reason}", EventName = "SemanticStepFailed")]
        public static partial void StepFailed(ILogger logger, SemanticReason reason, Exception exception);
    }
}
