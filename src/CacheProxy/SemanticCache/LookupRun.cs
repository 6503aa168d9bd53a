using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache;

/// <summary>What one look-up has learned so far. The caller reads it when the budget ends while a step still runs elsewhere, hence the lock.</summary>
internal sealed class LookupRun(SemanticQuery query, QuestionText question, SemanticOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<CandidateTrace> _traces = [];
    private StageTimes _times;
    private long _stepStarted = time.GetTimestamp();
    private bool _isGuarding;

    public SemanticQuery Query => query;

    public QuestionText Question => question;

    public SemanticOptions Options => options;

    public ReadOnlyMemory<float> Vector { get; set; }

    /// <summary>A pair was too long for the verifier.</summary>
    public bool SawTruncated { get; set; }

    /// <summary>A candidate could have been served, had its entry been there, fresh and as the client wants it.</summary>
    public bool SawGone { get; set; }

    /// <summary>What the decision says if the step that runs now fails.</summary>
    public SemanticReason FailureReason { get; private set; } = SemanticReason.EmbedderFailed;

    /// <summary>Ends the step that runs and starts the one whose failure is <paramref name="failure"/>.</summary>
    public void Enter(SemanticReason failure)
    {
        lock (_lock)
        {
            EndStep_NeedsLock();
            _isGuarding = false;
            FailureReason = failure;
        }
    }

    public void EnterGuards()
    {
        lock (_lock)
        {
            EndStep_NeedsLock();
            _isGuarding = true;
        }
    }

    public void Seen(CandidateTrace trace)
    {
        lock (_lock)
        {
            _traces.Add(trace);
        }
    }

    /// <summary>Adds the verifier's and the policy's word to the candidate's trace.</summary>
    public CandidateTrace Judged(Fingerprint256 fingerprint, float logit, double score)
    {
        lock (_lock)
        {
            int at = _traces.FindIndex(trace => trace.Fingerprint == fingerprint);
            return _traces[at] = _traces[at] with { Logit = logit, Score = score };
        }
    }

    /// <summary>The decision when no verified candidate was served.</summary>
    public SemanticDecision DecideMiss() => Decide(
        SawGone ? SemanticReason.EntryGone : SawTruncated ? SemanticReason.Truncated : SemanticReason.BelowThreshold);

    public SemanticDecision Decide(SemanticReason reason, CandidateTrace? best = null)
    {
        lock (_lock)
        {
            EndStep_NeedsLock();
            CandidateTrace[] traces = [.. _traces];
            return new SemanticDecision
            {
                Reason = reason,
                Best = best ?? traces.MaxBy(trace => trace.Score ?? double.MinValue),
                Candidates = traces,
                Times = _times,
                Vector = Vector,
            };
        }
    }

    private void EndStep_NeedsLock()
    {
        long now = time.GetTimestamp();
        TimeSpan took = time.GetElapsedTime(_stepStarted, now);
        _stepStarted = now;
        if (_isGuarding)
        {
            _times.Guard += took;
            return;
        }

        switch (FailureReason)
        {
            case SemanticReason.EmbedderFailed:
                _times.Embed += took;
                break;
            case SemanticReason.IndexFailed:
                _times.Search += took;
                break;
            case SemanticReason.VerifierFailed:
                _times.Verify += took;
                break;
            default:
                _times.Fetch += took;
                break;
        }
    }
}
