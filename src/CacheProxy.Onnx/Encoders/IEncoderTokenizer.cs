namespace CacheProxy.Onnx.Encoders;

/// <summary>Text to the ids that an encoder reads. Implementations are thread-safe.</summary>
public interface IEncoderTokenizer
{
    /// <summary>Ids in front of every text: [CLS], &lt;s&gt;.</summary>
    IReadOnlyList<int> Prefix { get; }

    /// <summary>Ids behind every text: [SEP], &lt;/s&gt;.</summary>
    IReadOnlyList<int> Suffix { get; }

    /// <summary>Appends at most <paramref name="limit"/> ids of the text, which is data: special tokens in it are plain text.</summary>
    /// <returns>True: that is all of the text.</returns>
    bool Encode(ReadOnlySpan<char> text, int limit, List<int> output);
}
