namespace CacheProxy.SemanticCache.Index;

/// <param name="Slot">Position within the partition: block * <see cref="VectorBlock.MaximumSlots"/> + slot of the block.</param>
/// <param name="Similarity">Cosine.</param>
public readonly record struct ScoredSlot(int Slot, float Similarity);
