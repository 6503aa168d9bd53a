using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Observability.Tracing;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Text;
using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.SemanticCache;

/// <summary>What one look-up has learned so far. The caller reads it when the budget ends while a step still runs elsewhere, hence the lock.</summary>
internal sealed class LookupRun(SemanticQuery query, QuestionText question, SemanticOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<CandidateTrace> _traces = [];
    private StageTimes _times;
    private long _stepStarted = time.GetTimestamp();
    private LookupStep _step = LookupStep.Wait;
    private Activity? _span;
    private bool _isDecided;

    public SemanticQuery Query => query;

    public QuestionText Question => question;

    public SemanticOptions Options => options;

    public ReadOnlyMemory<float> Vector { get; set; }

    /// <summary>A pair was too long for the verifier.</summary>
    public bool SawTruncated { get; set; }

    /// <summary>A candidate could have been served, had the same been said before it.</summary>
    public bool SawOtherContext { get; set; }

    /// <summary>A candidate could have been served, had its entry been there, fresh and as the client wants it.</summary>
    public bool SawGone { get; set; }

    /// <summary>The most probable candidate of those that the policy was asked about.</summary>
    public SemanticTrial? Trial { get; set; }

    /// <summary>What the decision says if the step that runs now fails.</summary>
    public SemanticReason FailureReason { get; private set; } = SemanticReason.EmbedderFailed;

    /// <summary>Ends the step that runs and starts another.</summary>
    /// <param name="failure">What the decision says if it fails.</param>
    public void Enter(LookupStep step, SemanticReason failure)
    {
        lock (_lock)
        {
            EndStep_NeedsLock();
            _step = step;
            FailureReason = failure;
            // A run that goes on after its budget is nobody's any more.
            _span = !_isDecided && SpanOf(step) is { } name ? ProxySpans.Start(name) : null;
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
    public CandidateTrace Judged(Fingerprint256 fingerprint, float logit, in PolicyVerdict verdict)
    {
        lock (_lock)
        {
            int at = _traces.FindIndex(trace => trace.Fingerprint == fingerprint);
            return _traces[at] = _traces[at] with { Logit = logit, Score = verdict.Score, Threshold = verdict.Threshold };
        }
    }

    /// <summary>The policy took its word back: a request beside this one has used up what it rested on. The upstream's answer tells who was right.</summary>
    public void Refused(SemanticTrial trial)
    {
        if (Trial?.Entry == trial.Entry)
        {
            Trial = trial with { Verdict = trial.Verdict with { Serves = false, WouldServe = false, Explores = true } };
        }
    }

    /// <summary>The decision when no verified candidate was served.</summary>
    public SemanticDecision DecideMiss() => Decide(
        Trial is { Verdict.WouldServe: true, Verdict.Serves: false } trial ? (trial.Verdict.Explores ? SemanticReason.Explored : SemanticReason.Shadowed)
        : SawGone ? SemanticReason.EntryGone : SawOtherContext ? SemanticReason.OtherContext : SawTruncated ? SemanticReason.Truncated : SemanticReason.BelowThreshold);

    public SemanticDecision Decide(SemanticReason reason, CandidateTrace? best = null)
    {
        lock (_lock)
        {
            EndStep_NeedsLock();
            _isDecided = true;
            CandidateTrace[] traces = [.. _traces];
            return new SemanticDecision
            {
                Reason = reason,
                Best = best ?? traces.MaxBy(trace => trace.Score ?? double.MinValue),
                Candidates = traces,
                Times = _times,
                Vector = Vector,
                // What was said before may be why the answers differ: nothing is to be learned of the question then.
                Trial = SawOtherContext ? null : Trial,
            };
        }
    }

    // The other steps take microseconds.
    private static string? SpanOf(LookupStep step) => step switch
    {
        LookupStep.Embed => ProxySpans.Embed,
        LookupStep.Search => ProxySpans.Search,
        LookupStep.Verify => ProxySpans.Verify,
        _ => null,
    };

    private void EndStep_NeedsLock()
    {
        _span?.Dispose();
        _span = null;
        long now = time.GetTimestamp();
        TimeSpan took = time.GetElapsedTime(_stepStarted, now);
        _stepStarted = now;
        switch (_step)
        {
            case LookupStep.Wait:
                _times.Wait += took;
                break;
            case LookupStep.Prefilter:
                _times.Prefilter += took;
                break;
            case LookupStep.Embed:
                _times.Embed += took;
                break;
            case LookupStep.Search:
                _times.Search += took;
                break;
            case LookupStep.Guard:
                _times.Guard += took;
                break;
            case LookupStep.Verify:
                _times.Verify += took;
                break;
            default:
                _times.Fetch += took;
                break;
        }
    }
}
