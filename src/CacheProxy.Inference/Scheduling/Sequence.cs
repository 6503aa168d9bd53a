using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.Speculation;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// One accepted request on its way through the engine. Between steps <see cref="Computed"/> of its <see cref="TokenCount"/>
/// tokens have KV; the difference is what it wants computed: a prompt, one decoded token, or both again after a preemption.
/// </summary>
internal sealed class Sequence : IEngineWork
{
    private int[] _tokens;

    public Sequence(
        long number, GenerationRequest request, int maxTokens, long seed, GenerationOutput output, long submittedAt, CancellationToken cancellation)
    {
        Number = number;
        Request = request;
        Salt = request.Salt;
        MaxTokens = maxTokens;
        Sampling = new SamplingState(request.Sampling, seed, request.PromptTokens, request.LogitBias);
        Constraint = request.Constraint?.Start();
        Output = output;
        SubmittedAt = submittedAt;
        Cancellation = cancellation;
        TokenCount = PromptLength = request.PromptTokens.Length;
        Urgency = request.Priority;
        _tokens = new int[PromptLength + Math.Min(maxTokens, 256)];
        request.PromptTokens.CopyTo(_tokens, 0);
    }

    /// <summary>Order of arrival: the lower, the earlier it is served and the later it is preempted.</summary>
    public long Number { get; }

    public GenerationRequest Request { get; }

    /// <summary>The most tokens to generate, at least one.</summary>
    public int MaxTokens { get; }

    public SamplingState Sampling { get; }

    /// <summary>What the answer may go on with; null: anything.</summary>
    public ITokenConstraintState? Constraint { get; }

    public GenerationOutput Output { get; }

    public CancellationToken Cancellation { get; }

    public string Tenant => Request.Tenant;

    /// <summary>The most tokens that prompt and answer can have together.</summary>
    public int TotalLength => (int)Math.Min(int.MaxValue, (long)PromptLength + MaxTokens);

    /// <summary>Only sequences of the same one share KV: the request's, unless the model computes KV of long sequences differently.</summary>
    public string Salt { get; private set; }

    /// <summary>Sets <see cref="Salt"/> apart for a variant of KV (<see cref="Execution.IModelRunner.KvVariant"/>).</summary>
    public void SetKvVariant(int variant) => Salt = KvSalt.Of(Request.Salt, variant);

    /// <summary>Timestamp from which its answer is of no use any more; null: never.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>Null: nobody traces it.</summary>
    public RequestTrace? Trace { get; init; }

    /// <summary>Its tenant's counter from the time the scheduler has it.</summary>
    public TenantShare? Share { get; set; }

    /// <summary>Its priority, or a lower number after a long wait: the lower, the earlier it starts and the later it is preempted.</summary>
    public int Urgency { get; set; }

    /// <summary>The queue's pass in which it last came up.</summary>
    public long PassedIn { get; set; }

    public int PromptLength { get; }

    /// <summary>Prompt and generated tokens.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Leading tokens whose KV is in the sequence's blocks.</summary>
    public int Computed { get; set; }

    /// <summary>Prompt tokens that logits have been reported on: those up to this position. Survives a preemption.</summary>
    public int DescribedTokens { get; set; }

    /// <summary>Log probabilities of the prompt are still due: it must be computed, not found.</summary>
    public bool NeedsPromptLogits => Request.PromptLogProbs is not null && DescribedTokens < PromptLength - 1;

    public int Pending => TokenCount - Computed;

    /// <summary>One token to compute and then to sample from: the steady state of a running answer.</summary>
    public bool IsDecoding => Pending == 1 && Load is null;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, TokenCount);

    /// <summary>Drafts its next tokens; null: none.</summary>
    public PromptLookup? Lookup { get; init; }

    /// <summary>Its blocks while it runs.</summary>
    public PrefixLease? Lease { get; set; }

    /// <summary>What of its prompt is being loaded into its blocks; until that ends nothing of it is computed.</summary>
    public TierLoad? Load { get; set; }

    /// <summary>Has held blocks; without them now, it was preempted.</summary>
    public bool HasStarted { get; set; }

    /// <summary>Not started yet: counts against the queue's limit.</summary>
    public bool IsQueued { get; set; } = true;

    /// <summary>Prompt tokens found in the cache on first admission; null before it.</summary>
    public int? CachedTokens { get; set; }

    /// <summary>Held back while this running sequence computes a prefix of its prompt.</summary>
    public Sequence? WaitsFor { get; set; }

    /// <summary>How many leading tokens it waits for.</summary>
    public int WaitsForTokens { get; set; }

    /// <summary>Timestamp of the call that submitted it.</summary>
    public long SubmittedAt { get; }

    /// <summary>Timestamp of its first admission.</summary>
    public long AdmittedAt { get; set; }

    /// <summary>Timestamp of the last step (or the admission) that served it.</summary>
    public long ServedAt { get; set; }

    /// <summary>The longest time, in timestamp ticks, that its prompt was left out of the steps.</summary>
    public long LongestWait { get; set; }

    public long FirstTokenAt { get; private set; }

    public GenerationUsage Usage => new(PromptLength, CachedTokens ?? 0, TokenCount - PromptLength);

    public void Accept(Scheduler scheduler) => scheduler.Add(this);

    public void Refuse(Scheduler scheduler, string error) => scheduler.Reject(this, error);

    /// <summary>
    /// Drafts up to <paramref name="most"/> tokens behind the last one: guesses, no part of <see cref="Tokens"/> until they are appended.
    /// </summary>
    /// <returns>How many; never more than still may be generated after the next token.</returns>
    public int Draft(int most, double breakEven)
    {
        most = Math.Min(most, MaxTokens - (TokenCount - PromptLength) - 1);
        Reserve(TokenCount + Math.Max(0, most));
        return Lookup!.Propose(Tokens, _tokens.Length, _tokens.AsSpan(TokenCount, Math.Max(0, most)), breakEven);
    }

    /// <summary>What was drafted for the place of the next token.</summary>
    public int NextDraft => _tokens[TokenCount];

    /// <summary>The tokens without KV, followed by the drafted ones.</summary>
    public ReadOnlySpan<int> Upcoming(int pending, int drafted) => _tokens.AsSpan(Computed, pending + drafted);

    public void Append(int token, long now)
    {
        Reserve(TokenCount + 1);
        FirstTokenAt = TokenCount == PromptLength ? now : FirstTokenAt;
        _tokens[TokenCount++] = token;
        Sampling.Record(token);
    }

    private void Reserve(int tokens)
    {
        if (tokens > _tokens.Length)
        {
            Array.Resize(ref _tokens, Math.Min(Math.Max(tokens, _tokens.Length * 2), TotalLength));
        }
    }
}
