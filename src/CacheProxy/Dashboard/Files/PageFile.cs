using System.IO.Compression;
using System.Security.Cryptography;

namespace CacheProxy.Dashboard.Files;

/// <summary>
/// One file of the dashboard as it goes over the wire. Compressed when it is first asked for, once: Brotli's level 9 takes some 10 ms for 100 KB,
/// the last two levels ten times that for 3 % less.
/// </summary>
internal sealed class PageFile
{
    private const int BrotliQuality = 9;
    private const int BrotliWindow = 22;

    private readonly Lazy<PageForm> _brotli;
    private readonly Lazy<PageForm> _gzip;

    public PageFile(string contentType, byte[] bytes)
    {
        ContentType = contentType;
        string hash = Version = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        Plain = new PageForm(null, bytes, $"\"{hash}\"");
        _brotli = new Lazy<PageForm>(() => Smaller("br", Brotli(bytes), $"\"{hash}-br\""));
        _gzip = new Lazy<PageForm>(() => Smaller("gzip", Gzip(bytes), $"\"{hash}-gz\""));
    }

    public string ContentType { get; }

    /// <summary>Of the content: other bytes, another version.</summary>
    public string Version { get; }

    public PageForm Plain { get; }

    /// <param name="encodings">That the client takes.</param>
    public PageForm FormFor(AcceptedEncodings encodings)
        => encodings.HasFlag(AcceptedEncodings.Brotli) ? _brotli.Value : encodings.HasFlag(AcceptedEncodings.Gzip) ? _gzip.Value : Plain;

    // A picture does not get smaller.
    private PageForm Smaller(string encoding, byte[] compressed, string tag)
        => compressed.Length < Plain.Bytes.Length ? new PageForm(encoding, compressed, tag) : Plain;

    private static byte[] Brotli(byte[] bytes)
    {
        byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        return BrotliEncoder.TryCompress(bytes, compressed, out int written, BrotliQuality, BrotliWindow) ? compressed[..written] : bytes;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
