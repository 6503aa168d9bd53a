using System.Threading.Channels;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Finds out whether stored answers were right for the questions that they were, or would have been, given to: by comparing them with answers that
/// the upstream gave anyway, by asking again for a share of the served ones, and by what users say. Works behind the requests on bounded queues;
/// what does not fit is left out. What it learns goes to the log, the running error and the learned policy.
/// </summary>
public sealed partial class TruthKeeper : BackgroundService
{
    private const int QueuedJobs = 256;

    // The flight whose hit is audited holds its fingerprint for a moment longer.
    private const int MostTries = 50;

    private static readonly TimeSpan SaveInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(10);

    private readonly ScopedPolicy _policy;
    private readonly ErrorWatch _watch;
    private readonly ObservationLog _log;
    private readonly AgreementJudge _judge;
    private readonly UpstreamJudge? _asked;
    private readonly QuestionIndexer _indexer;
    private readonly IEntryStore[] _stores;
    private readonly IBackgroundRefresh _upstream;
    private readonly SemanticMetrics _metrics;
    private readonly IOptionsMonitor<SemanticOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TruthKeeper> _logger;
    private readonly Channel<TruthJob> _jobs;
    private readonly AuditRate _rate;
    private readonly RecentServes _serves = new();
    private readonly Lock _learning = new();
    private HashSet<ScopeError> _saved = [];
    private readonly Func<double> _uniform;
    private long _pending;

    /// <param name="asked">Asked where <paramref name="judge"/> cannot say; null: nobody is.</param>
    /// <param name="uniform">Uniform numbers in [0, 1), from any thread.</param>
    public TruthKeeper(
        ScopedPolicy policy, ErrorWatch watch, ObservationLog log, AgreementJudge judge, UpstreamJudge? asked, QuestionIndexer indexer, IEnumerable<IEntryStore> stores,
        IBackgroundRefresh upstream, SemanticMetrics metrics, IOptionsMonitor<SemanticOptions> options, TimeProvider time, ILogger<TruthKeeper> logger,
        Func<double>? uniform = null)
    {
        (_policy, _watch, _log, _judge, _asked, _indexer, _upstream, _metrics) = (policy, watch, log, judge, asked, indexer, upstream, metrics);
        (_options, _time, _logger, _uniform) = (options, time, logger, uniform ?? Chance.Uniform);
        _stores = [.. stores];
        _rate = new AuditRate(time);
        _jobs = Channel.CreateBounded<TruthJob>(new BoundedChannelOptions(QueuedJobs) { FullMode = BoundedChannelFullMode.Wait });
    }

    /// <summary>A request was looked up; what was decided counts for its scope's running error.</summary>
    public void Decided(SemanticQuery query, SemanticTrial? trial, bool isServed)
    {
        PolicyScope scope = trial?.Scope ?? query.ScopeOf(default);
        ScopeSettings settings = _policy.SettingsOf(scope);
        _watch.NoteRequest(scope, settings.Policy, isServed);
        if (trial is not null && isServed)
        {
            _serves.Add(trial, settings.Policy);
        }
    }

    /// <summary>Whether an answer of the upstream's own to this request is worth comparing.</summary>
    public bool Wants(SemanticTrial trial)
    {
        ScopeSettings settings = _policy.SettingsOf(trial.Scope);
        return trial.Verdict.Explores || settings.Policy == SemanticOptions.ShadowPolicy || settings.Shadow.Length > 0 || _watch.IsExactOnly(trial.Scope, settings.Policy);
    }

    /// <summary>Queues the comparison with an answer that has come. Returns at once; what finds no room is not compared.</summary>
    /// <param name="context">Apart from its client, or nobody but the cheaper judge is asked.</param>
    public void Compare(SemanticTrial trial, SemanticQuery query, CacheEntry fresh, HttpContext context, ExchangeFeature exchange)
    {
        if (!Queue(new TruthJob(trial, query, fresh, context, exchange, trial.Verdict.Explores)) && trial.Verdict.Explores)
        {
            _indexer.Add(query, fresh);
        }
    }

    /// <summary>Queues an audit of a served hit, by chance. Returns at once.</summary>
    /// <param name="context">Apart from its client.</param>
    public void MaybeAudit(SemanticTrial trial, SemanticQuery query, HttpContext context, ExchangeFeature exchange)
    {
        double share = _policy.SettingsOf(trial.Scope).AuditShare;
        if ((trial.Verdict.Audits || _uniform() < share) && share > 0 && EntryRefresher.MayRefresh(exchange) && _rate.TryTake(_options.CurrentValue.AuditsPerMinute))
        {
            ExchangeFeature again = exchange.ForRefresh();
            again.IsIndexedAfter = true;
            Queue(new TruthJob(trial, query, null, context, again, IsIndexedAfter: true));
        }
    }

    /// <summary>Whether it was given as a semantic hit lately, so that a word against it teaches something.</summary>
    public bool IsServed(CacheEntry entry) => _serves.Has(entry.Fingerprint);

    /// <summary>What somebody says of an entry that was given as a semantic hit.</summary>
    /// <returns>False: it was not served as one lately, so that only the entry itself is known, or was said to be right already since it was served last.</returns>
    public bool Hear(CacheEntry entry, bool isRight)
    {
        if (_serves.Take(entry.Fingerprint, isRight) is not { } serve)
        {
            return false;
        }

        Note(serve.Trial with { Served = true }, serve.Policy, ObservationSource.Feedback, isRight ? ObservationOutcome.Right : ObservationOutcome.Wrong, entry, asked: null);
        return true;
    }

    /// <summary>The entries are gone: what was learned for them is forgotten, here and by the next process.</summary>
    public void Forget(IReadOnlyCollection<Fingerprint256> entries)
    {
        lock (_learning)
        {
            foreach (Fingerprint256 entry in entries)
            {
                _policy.Learned.Forget(entry);
            }
        }

        _log.Forget(entries);
    }

    /// <summary>Waits until nothing is queued or under way.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        while (Interlocked.Read(ref _pending) > 0)
        {
            await Task.Delay(TryAgainAfter, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Learns again what earlier processes observed, and whose hits they stopped, before anything is served.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (ScopeError error in await _log.ReadScopesAsync(cancellationToken))
            {
                _watch.Restore(error);
            }

            await foreach (Observation observation in _log.ReadAsync(new ObservationFilter { IsKnownOnly = true }, cancellationToken))
            {
                Learn(observation);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotRestored(_logger, exception);
        }

        _watch.Changed = _log.Save;
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        SaveAll();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using ITimer save = _time.CreateTimer(_ => SaveAll(), null, SaveInterval, SaveInterval);
        await Task.WhenAll(Enumerable.Range(0, _options.CurrentValue.AuditConcurrency).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));
    }

    private void SaveAll()
    {
        // Counts are immutable: the same object is what was saved already.
        IReadOnlyCollection<ScopeError> scopes = _watch.Scopes;
        HashSet<ScopeError> saved = Interlocked.Exchange(ref _saved, new HashSet<ScopeError>(scopes, ReferenceEqualityComparer.Instance));
        foreach (ScopeError error in scopes.Where(error => !saved.Contains(error)))
        {
            _log.Save(error);
        }
    }

    private bool Queue(TruthJob job)
    {
        Interlocked.Increment(ref _pending);
        if (_jobs.Writer.TryWrite(job))
        {
            return true;
        }

        Interlocked.Decrement(ref _pending);
        return false;
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (TruthJob job in _jobs.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await FindOutAsync(job, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Log.NotCompared(_logger, job.Trial.Entry.ToShortString(), exception);
            }
            finally
            {
                Interlocked.Decrement(ref _pending);
            }
        }
    }

    private async Task FindOutAsync(TruthJob job, CancellationToken cancellationToken)
    {
        // Before the upstream is asked: its answer may take the stored one's place.
        CacheEntry? stored = await FetchAsync(job.Trial.Entry, cancellationToken);
        CacheEntry? fresh = job.Fresh ?? (stored is null ? null : await AskAsync(job, cancellationToken));
        if (fresh is null)
        {
            return;
        }

        ObservationOutcome outcome = stored is null ? ObservationOutcome.Unknown : await JudgeAsync(job, stored, fresh, cancellationToken);
        NoteAll(job, outcome, stored, fresh);
        if (job.IsIndexedAfter)
        {
            // A new entry where the candidate was wrong or nothing is known; another wording of the candidate's where it was right.
            _indexer.Add(job.Query, fresh);
        }
    }

    private async ValueTask<ObservationOutcome> JudgeAsync(TruthJob job, CacheEntry stored, CacheEntry fresh, CancellationToken cancellationToken)
    {
        ObservationOutcome outcome = await _judge.JudgeAsync(stored.Answer, fresh.Answer, cancellationToken);
        return outcome == ObservationOutcome.Unknown && _asked is { IsOn: true } && !AgreementJudge.IsContested(stored.Answer, fresh.Answer)
            ? await _asked.JudgeAsync(job.Context, job.Exchange, stored.Answer, fresh.Answer)
            : outcome;
    }

    private void NoteAll(TruthJob job, ObservationOutcome outcome, CacheEntry? stored, CacheEntry fresh)
    {
        SemanticTrial trial = job.Trial;
        string serving = _policy.SettingsOf(trial.Scope).Policy;
        if (job.IsAudit)
        {
            Note(trial, serving, ObservationSource.Audit, outcome, stored, fresh.Fingerprint);
        }
        else if (trial.Verdict.Explores)
        {
            Note(trial, LearnedPolicy.PolicyName, ObservationSource.Learned, outcome, stored, fresh.Fingerprint);
        }

        if (_policy.DecideInShadow(trial.Scope, trial.Evidence) is { } shadow)
        {
            Note(trial with { Verdict = shadow.Verdict }, shadow.Name, ObservationSource.Shadow, outcome, stored, fresh.Fingerprint);
        }
        else if (!job.IsAudit && !trial.Verdict.Explores)
        {
            Note(trial, serving, ObservationSource.Shadow, outcome, stored, fresh.Fingerprint);
        }
    }

    private void Note(SemanticTrial trial, string policy, ObservationSource source, ObservationOutcome outcome, CacheEntry? stored, Fingerprint256? asked)
    {
        var observation = new Observation
        {
            Time = _time.GetUtcNow(),
            Policy = policy,
            Tenant = trial.Scope.Tenant,
            Model = trial.Scope.Model,
            Route = trial.Scope.Route,
            Namespace = trial.Scope.Namespace,
            Partition = trial.Scope.Partition,
            Entry = trial.Entry,
            Asked = asked ?? default,
            Probability = trial.Evidence.Probability,
            Cosine = trial.Evidence.Cosine,
            Logit = trial.Evidence.Logit,
            Served = trial.Served,
            WouldServe = trial.Verdict.WouldServe,
            Outcome = outcome,
            Source = source,
            EntryAgeSeconds = stored?.AgeSeconds(_time.GetUtcNow()) ?? 0,
        };
        _log.Add(observation);
        _metrics.Observed(observation);
        Learn(observation);
        if (trial.Served)
        {
            _watch.Note(trial.Scope, policy, source, outcome);
        }
    }

    /// <summary>Teaches the learned policy what was observed, now or by an earlier process.</summary>
    public void Learn(Observation observation)
    {
        if (observation.Outcome == ObservationOutcome.Unknown)
        {
            return;
        }

        lock (_learning)
        {
            bool isRight = observation.Outcome == ObservationOutcome.Right;
            _policy.Learned.Learn(observation.Partition, observation.Entry, observation.Asked == default ? null : observation.Asked, observation.Probability, observation.Cosine, isRight);
        }
    }

    private async ValueTask<CacheEntry?> FetchAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        foreach (IEntryStore store in _stores)
        {
            if (await store.GetAsync(fingerprint, cancellationToken) is { } entry && entry.Fingerprint == fingerprint)
            {
                return entry;
            }
        }

        return null;
    }

    private async Task<CacheEntry?> AskAsync(TruthJob job, CancellationToken cancellationToken)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            (RefreshResult result, CacheEntry? entry) = await _upstream.AskAsync(job.Context, job.Exchange, LedgerWork.Audit);
            if (result != RefreshResult.NotNeeded)
            {
                if (entry is not null)
                {
                    _metrics.Spent("audit", entry.Answer);
                }

                return entry;
            }

            await Task.Delay(TryAgainAfter, TimeProvider.System, cancellationToken);
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(533, LogLevel.Warning, "What was observed of semantic hits before could not be read: it is learned anew", EventName = "SemanticNotRestored")]
        public static partial void NotRestored(ILogger logger, Exception exception);

        [LoggerMessage(532, LogLevel.Warning, "The answer of entry {Fingerprint} could not be compared with the upstream's", EventName = "SemanticNotCompared")]
        public static partial void NotCompared(ILogger logger, string fingerprint, Exception exception);
    }
}
