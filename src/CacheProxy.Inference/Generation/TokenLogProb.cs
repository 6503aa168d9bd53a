namespace CacheProxy.Inference.Generation;

/// <param name="Bytes">The token's raw UTF-8 bytes.</param>
/// <param name="LogProb">Natural log, of the model's distribution before penalties, temperature and truncation.</param>
/// <param name="Top">The most likely alternatives, best first.</param>
public sealed record TokenLogProb(int Token, byte[] Bytes, float LogProb, IReadOnlyList<(int Token, byte[] Bytes, float LogProb)> Top);
