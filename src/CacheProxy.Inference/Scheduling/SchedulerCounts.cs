using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Scheduling;

/// <summary>What the scheduler holds and has done, taken between two steps. Free + cached + leased = all blocks.</summary>
/// <param name="BlocksFree">KV blocks that hold nothing.</param>
/// <param name="BlocksCached">KV blocks that nobody uses now and that can be found again.</param>
/// <param name="BlocksLeased">KV blocks of running sequences.</param>
/// <param name="Running">Sequences that hold blocks.</param>
/// <param name="Waiting">Sequences that have not started or were preempted.</param>
/// <param name="QueriedTokens">Prompt tokens of all requests that were started.</param>
/// <param name="HitTokens">Those of them whose KV was found.</param>
/// <param name="ComputedTokens">Tokens that went through the model.</param>
/// <param name="Steps">Runs of the model.</param>
/// <param name="Preemptions">Sequences that lost their blocks and were resumed.</param>
/// <param name="EvictedBlocks">Cached blocks given up for others.</param>
/// <param name="FailedCopies">Tail copies that the runner failed at; their tokens were computed instead.</param>
/// <param name="DraftedTokens">Tokens guessed ahead and verified.</param>
/// <param name="AcceptedTokens">Those of them that were right.</param>
/// <param name="BlocksPinned">KV blocks that pins hold, leased ones among them.</param>
/// <param name="Tiers">What lies beyond the pool.</param>
public readonly record struct SchedulerCounts(
    int BlocksFree,
    int BlocksCached,
    int BlocksLeased,
    int Running,
    int Waiting,
    long QueriedTokens,
    long HitTokens,
    long ComputedTokens,
    long Steps,
    long Preemptions,
    long EvictedBlocks,
    long FailedCopies,
    long DraftedTokens = 0,
    long AcceptedTokens = 0,
    int BlocksPinned = 0,
    TierCounts Tiers = default);
