namespace CacheProxy.Admin;

/// <summary>The first line of an export.</summary>
/// <param name="Codec">Layout version of the entries.</param>
/// <param name="Secret">Which installation secret fingerprints and tenants are keyed with: a keyed hash, not the secret.</param>
public sealed record ExportHead(string Format, int Version, int Codec, string Secret, DateTimeOffset ExportedAt)
{
    public const string FormatName = "cacheproxy-entries";
    public const int CurrentVersion = 1;
}

/// <param name="Entry">The entry in the stores' own layout, base64.</param>
/// <param name="Id">For whoever looks into the file; the entry says it too.</param>
public sealed record ExportLine(byte[] Entry, string Id, string Namespace, IReadOnlyList<string> Tags, string Model);

/// <summary>The last line: without it the export was cut.</summary>
public sealed record ExportEnd(bool End, long Count);
