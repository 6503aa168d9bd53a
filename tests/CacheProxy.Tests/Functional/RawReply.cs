namespace CacheProxy.Tests.Functional;

/// <summary>One answer as it came over a <see cref="RawConnection"/>.</summary>
internal sealed record RawReply(int Status, string Head, string Body);
