using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Questions;

/// <summary>Narrows a partition by what templates have found around the questions of a conversation, turn by turn. Used once.</summary>
internal sealed class SurroundingsDigest(Fingerprint256 partition)
{
    private IncrementalHash? _hash;
    private int _whole;

    /// <summary>A turn without surroundings.</summary>
    public void AddNone()
    {
        if (_hash is null)
        {
            _whole++;
        }
        else
        {
            _hash.AppendData([0]);
        }
    }

    public void Add(in PromptSplit split)
    {
        if (_hash is null)
        {
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hash.AppendData(partition.ToByteArray());
            _hash.AppendData(new byte[_whole]);
        }

        // 1 | (4 length, utf8) before | (4 length, utf8) after
        _hash.AppendData([1]);
        AppendText(split.Before);
        AppendText(split.After);
    }

    /// <summary>The partition as it was where no turn had surroundings.</summary>
    public Fingerprint256 Derive()
    {
        using IncrementalHash? hash = _hash;
        return hash is null ? partition : new Fingerprint256(hash.GetHashAndReset());
    }

    private void AppendText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _hash!.AppendData(length);
        _hash.AppendData(bytes);
    }
}
