using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>
/// A growing byte buffer in which a JSON value is written canonically. Layout of a value:
/// <code>
/// null 'z'   true 't'   false 'f'
/// string 's' length:4 utf8            (unescaped)
/// number 'n' length:4 ascii           (sign, digits without zeros at either end, 'e', exponent)
/// array  'a' count:4 value*
/// object 'o' count:4 (length:4 name value)*    (members sorted by name, or in the order given)
/// </code>
/// Every value says where it ends, so no two different requests write the same bytes. Not thread-safe; one per thread.
/// </summary>
internal sealed class CanonicalBuffer
{
    // A request of this size is rare; a thread does not keep the room of one for ever.
    private const int MaxKeptBytes = 1 << 20;
    private const int MaxStackMembers = 64;

    private readonly int _firstBytes;
    private byte[] _bytes;
    private byte[] _sorted = [];
    private readonly List<Member> _members = new(MaxStackMembers);
    private readonly Comparison<Member> _byName;
    private int _length;

    /// <param name="firstBytes">Room to begin with.</param>
    public CanonicalBuffer(int firstBytes = 8 * 1024)
    {
        _firstBytes = firstBytes;
        _bytes = new byte[firstBytes];
        _byName = (left, right) => NameOf(left).SequenceCompareTo(NameOf(right));
    }

    public int Length => _length;

    /// <summary>The same name came twice in one object: providers disagree about which one counts.</summary>
    public bool HasDuplicateNames { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void NoteDuplicateName() => HasDuplicateNames = true;

    /// <summary>A member that may not be written was met: a second one of its name would not be found among those that are.</summary>
    public void NoteMember(ref bool isSeen)
    {
        HasDuplicateNames |= isSeen;
        isSeen = true;
    }

    public void Clear()
    {
        _length = 0;
        HasDuplicateNames = false;
        _members.Clear();
        if (_bytes.Length > MaxKeptBytes)
        {
            _bytes = new byte[_firstBytes];
            _sorted = [];
        }
    }

    /// <summary>Forgets what was written from here on.</summary>
    public void Truncate(int length) => _length = length;

    /// <summary>Takes out what lies from <paramref name="start"/> up to <paramref name="end"/>.</summary>
    public void Cut(int start, int end)
    {
        _bytes.AsSpan(end, _length - end).CopyTo(_bytes.AsSpan(start));
        _length -= end - start;
    }

    /// <summary>Puts one byte, which begins no value, in the place of what lies from <paramref name="start"/> up to <paramref name="end"/>.</summary>
    public void Blank(int start, int end)
    {
        _bytes[start] = (byte)'-';
        Cut(start + 1, end);
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
    }

    public void WriteInt32(int value)
    {
        Reserve(4);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length), value);
        _length += 4;
    }

    public void WriteInt32At(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(offset), value);

    /// <summary>Length, then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteInt32(value.Length);
        WriteRaw(value);
    }

    /// <summary>Length, then the text in UTF-8.</summary>
    public void WriteText(string text)
    {
        Reserve(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length + 4));
        WriteInt32(length);
        _length += length;
    }

    /// <summary>What was written there, to be read or replaced; until the next write.</summary>
    public Span<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>The bytes alone: they say themselves where they end.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>The string or property name that the reader stands on: length, then the unescaped bytes, which are returned.</summary>
    public ReadOnlySpan<byte> WriteString(ref Utf8JsonReader reader)
    {
        int start = _length + 4;
        if (!reader.ValueIsEscaped)
        {
            WriteBytes(reader.ValueSpan);
            return _bytes.AsSpan(start, _length - start);
        }

        Reserve(4 + reader.ValueSpan.Length);
        int length = reader.CopyString(_bytes.AsSpan(start));
        WriteInt32(length);
        _length += length;
        return _bytes.AsSpan(start, length);
    }

    /// <summary>The value that the reader stands on, with all that is in it.</summary>
    /// <param name="verbatim">Members keep their order and numbers their spelling: the value is shown to the model as it is.</param>
    public void WriteValue(ref Utf8JsonReader reader, bool verbatim)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, verbatim);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, verbatim);
                break;
            case JsonTokenType.String:
                WriteByte((byte)'s');
                WriteString(ref reader);
                break;
            case JsonTokenType.Number:
                WriteByte((byte)'n');
                WriteNumber(reader.ValueSpan, verbatim);
                break;
            default:
                WriteByte(reader.TokenType switch { JsonTokenType.True => (byte)'t', JsonTokenType.False => (byte)'f', _ => (byte)'z' });
                break;
        }
    }

    private void WriteArray(ref Utf8JsonReader reader, bool verbatim)
    {
        WriteByte((byte)'a');
        int countAt = _length;
        WriteInt32(0);
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            WriteValue(ref reader, verbatim);
            count++;
        }

        WriteInt32At(countAt, count);
    }

    private void WriteObject(ref Utf8JsonReader reader, bool verbatim)
    {
        int first = BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = _length;
            WriteString(ref reader);
            reader.Read();
            WriteValue(ref reader, verbatim);
            AddMember(start);
        }

        EndObject(first, verbatim, -1);
    }

    /// <summary>Returns what <see cref="EndObject"/> wants back.</summary>
    public int BeginObject()
    {
        WriteByte((byte)'o');
        WriteInt32(0);
        return _members.Count;
    }

    /// <summary>What was written since <paramref name="start"/> (length, name, value) is one member of the innermost open object.</summary>
    public void AddMember(int start) => _members.Add(new Member(start, _length));

    /// <summary>Sorts the members by name and writes their number.</summary>
    /// <param name="watched">An offset within one of the members, or -1.</param>
    /// <returns>Where the watched byte has gone.</returns>
    public int EndObject(int firstMember, bool keepOrder, int watched)
    {
        Span<Member> members = CollectionsMarshal.AsSpan(_members)[firstMember..];
        int count = members.Length;
        if (count > 0)
        {
            WriteInt32At(members[0].Start - 4, count);
            watched = keepOrder ? CheckNames(members, watched) : Sort(members, watched);
        }

        _members.RemoveRange(firstMember, count);
        return watched;
    }

    private int CheckNames(Span<Member> members, int watched)
    {
        Span<Member> copy = members.Length <= MaxStackMembers ? stackalloc Member[members.Length] : new Member[members.Length];
        members.CopyTo(copy);
        copy.Sort(_byName);
        FindDuplicates(copy);
        return watched;
    }

    private int Sort(Span<Member> members, int watched)
    {
        int start = members[0].Start;
        int end = members[^1].End;
        if (!IsSorted(members))
        {
            members.Sort(_byName);
            int moved = watched;
            if (_sorted.Length < _bytes.Length)
            {
                _sorted = new byte[_bytes.Length];
            }

            int at = start;
            foreach (Member member in members)
            {
                if (watched >= member.Start && watched < member.End)
                {
                    moved = at + (watched - member.Start);
                }

                _bytes.AsSpan(member.Start, member.End - member.Start).CopyTo(_sorted.AsSpan(at));
                at += member.End - member.Start;
            }

            FindDuplicates(members);
            _sorted.AsSpan(start, at - start).CopyTo(_bytes.AsSpan(start));
            _length = at;
            return moved;
        }

        FindDuplicates(members);
        _length = end;
        return watched;
    }

    private bool IsSorted(ReadOnlySpan<Member> members)
    {
        for (int i = 1; i < members.Length; i++)
        {
            if (NameOf(members[i - 1]).SequenceCompareTo(NameOf(members[i])) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private void FindDuplicates(ReadOnlySpan<Member> sorted)
    {
        for (int i = 1; i < sorted.Length; i++)
        {
            HasDuplicateNames |= NameOf(sorted[i - 1]).SequenceEqual(NameOf(sorted[i]));
        }
    }

    private ReadOnlySpan<byte> NameOf(Member member)
        => _bytes.AsSpan(member.Start + 4, BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(member.Start)));

    private void WriteNumber(ReadOnlySpan<byte> text, bool verbatim)
    {
        if (verbatim)
        {
            WriteBytes(text);
            return;
        }

        int lengthAt = _length;
        WriteInt32(0);
        Reserve(text.Length + CanonicalNumber.MaxExtraBytes);
        int length = CanonicalNumber.Write(text, _bytes.AsSpan(_length));
        _length += length;
        WriteInt32At(lengthAt, length);
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length < more)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
        }
    }

    /// <summary>Offsets of one member: its name's length, and its end.</summary>
    private readonly record struct Member(int Start, int End);
}
