namespace CacheProxy.Dashboard.Files;

/// <param name="Encoding">For <c>Content-Encoding</c>; null: as it is.</param>
/// <param name="Tag">Strong: other bytes, another tag.</param>
internal sealed record PageForm(string? Encoding, byte[] Bytes, string Tag);
