using CacheProxy.Exchange;

namespace CacheProxy.Embeddings;

/// <summary>An embedding request, read: its inputs in order, and which of them are the same.</summary>
internal sealed class EmbeddingBatch
{
    public required string Model { get; init; }

    /// <summary>The client takes base64 of little-endian float32; else JSON numbers.</summary>
    public required bool IsBase64 { get; init; }

    /// <summary>The length of vectors asked for; null: the model's own.</summary>
    public required int? Dimensions { get; init; }

    /// <summary>Where the value of <c>input</c> begins in the body.</summary>
    public required int InputStart { get; init; }

    /// <summary>Where it ends, exclusive.</summary>
    public required int InputEnd { get; init; }

    /// <summary>In the order of the request; at least one.</summary>
    public required EmbeddingInput[] Inputs { get; init; }

    /// <summary>Identities of the different inputs, each once, in the order of their first places.</summary>
    public required Fingerprint256[] Fingerprints { get; init; }

    /// <summary>For each input of the request, the index of its identity.</summary>
    public required int[] Distinct { get; init; }

    /// <summary>For each identity, the first input that has it.</summary>
    public required int[] First { get; init; }

    /// <summary>The inputs of these identities alone: the body as it came, but for the value of <c>input</c>. Nothing is re-encoded.</summary>
    public byte[] BodyOf(ReadOnlySpan<byte> body, IReadOnlyList<int> distinct)
    {
        int length = InputStart + 2 + Math.Max(0, distinct.Count - 1) + (body.Length - InputEnd);
        foreach (int index in distinct)
        {
            length += Inputs[First[index]].End - Inputs[First[index]].Start;
        }

        byte[] part = new byte[length];
        body[..InputStart].CopyTo(part);
        int at = InputStart;
        part[at++] = (byte)'[';
        for (int i = 0; i < distinct.Count; i++)
        {
            if (i > 0)
            {
                part[at++] = (byte)',';
            }

            EmbeddingInput input = Inputs[First[distinct[i]]];
            body[input.Start..input.End].CopyTo(part.AsSpan(at));
            at += input.End - input.Start;
        }

        part[at++] = (byte)']';
        body[InputEnd..].CopyTo(part.AsSpan(at));
        return part;
    }
}
