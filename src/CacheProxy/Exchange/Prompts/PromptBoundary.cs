using System.Buffers.Binary;

namespace CacheProxy.Exchange.Prompts;

/// <summary>The end of a turn in a prompt, or of what stands in front of the first: tools and instructions.</summary>
/// <param name="Id">Keyed hash of all of the prompt up to here, its scope, route and model: who has an id in common has the prompt in common up to there.</param>
/// <param name="Bytes">Of the prompt up to here, in canonical form; says nothing but what share of the whole that is.</param>
/// <param name="Mark">The prompt asks for a copy up to here.</param>
public readonly record struct PromptBoundary(UInt128 Id, int Bytes, PromptMark Mark)
{
    public const int IdBytes = 16;

    /// <summary>The id as it is sent and stored: 32 hex digits.</summary>
    public string IdText()
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Id);
        return Convert.ToHexStringLower(bytes);
    }
}
