namespace CacheProxy.Inference.Tiers;

/// <summary>What the tiers hold and have done.</summary>
/// <param name="RamBlocks">Blocks in memory beside the pool.</param>
/// <param name="DiskBlocks">Blocks on disk, those on their way there among them.</param>
/// <param name="RamHitTokens">Prompt tokens that came back from memory.</param>
/// <param name="DiskHitTokens">Prompt tokens that came back from disk.</param>
/// <param name="SpilledBlocks">Blocks that the pool gave up and a tier took.</param>
/// <param name="DroppedBlocks">Blocks that no tier took, or that fell out of the last.</param>
/// <param name="DamagedBlocks">Blocks that were not on disk as they should be.</param>
/// <param name="DeclinedLoads">Loads that would have taken longer than computing.</param>
public readonly record struct TierCounts(
    int RamBlocks, int DiskBlocks, long RamHitTokens, long DiskHitTokens, long SpilledBlocks, long DroppedBlocks, long DamagedBlocks, long DeclinedLoads);
