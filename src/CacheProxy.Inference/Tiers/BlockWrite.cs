using Microsoft.Win32.SafeHandles;

namespace CacheProxy.Inference.Tiers;

/// <summary>Writes bytes at a position of a file, all of them or with an exception, after which any part of them may be there.</summary>
internal delegate void BlockWrite(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);
