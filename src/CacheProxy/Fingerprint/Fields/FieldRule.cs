using System.Text;
using System.Text.Json;

namespace CacheProxy.Fingerprint.Fields;

/// <summary>One field of a dialect. Its name's place in the table also tells it from others that came before.</summary>
/// <param name="Name">UTF-8.</param>
/// <param name="Absent">Canonical bytes of the value that means the same as leaving the field out; null: there is none but <c>null</c>.</param>
/// <param name="IsServersChoice"><paramref name="Absent"/> is the provider's rule, which servers with sampling defaults of their own do not keep.</param>
/// <param name="IsVerbatim">The model sees the value as it is spelled: the order of a schema's properties is part of the prompt.</param>
/// <param name="IsIrrelevant">Left out of the fingerprint, whatever its value.</param>
internal sealed record FieldRule(byte[] Name, RequestField Field, byte[]? Absent, bool IsServersChoice, bool IsVerbatim, bool IsIrrelevant)
{
    public static FieldRule In(string name, RequestField field = RequestField.Parameter, string? absent = null, bool serversChoice = false, bool verbatim = false)
        => new(Encoding.UTF8.GetBytes(name), field, absent is null ? null : Canonical(absent), serversChoice, verbatim, IsIrrelevant: false);

    public static FieldRule Out(string name, RequestField field = RequestField.Irrelevant) => new(Encoding.UTF8.GetBytes(name), field, null, false, false, IsIrrelevant: true);

    public bool IsNamed(ReadOnlySpan<byte> name) => name.SequenceEqual(Name);

    /// <param name="value">Canonical bytes.</param>
    public bool IsAbsent(ReadOnlySpan<byte> value, bool assumeProviderDefaults)
        => value is [(byte)'z'] || (Absent is not null && (assumeProviderDefaults || !IsServersChoice) && value.SequenceEqual(Absent));

    private static byte[] Canonical(string json)
    {
        var buffer = new CanonicalBuffer();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        buffer.WriteValue(ref reader, verbatim: false);
        return buffer.Written.ToArray();
    }
}
