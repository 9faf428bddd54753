using System.Buffers;
using System.Text;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Gathers UTF-8 in a pooled buffer.</summary>
internal ref struct Utf8Builder
{
    private byte[] _buffer;
    private int _length;

    public Utf8Builder(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        Reserve(utf8.Length);
        utf8.CopyTo(_buffer.AsSpan(_length));
        _length += utf8.Length;
    }

    /// <summary>Appends text.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        // A UTF-16 unit becomes three bytes at most.
        Reserve(text.Length * 3);
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    /// <summary>What was gathered; the builder is empty then and must not be used again.</summary>
    public byte[] Take()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(_length);
        _buffer.AsSpan(0, _length).CopyTo(bytes);
        ArrayPool<byte>.Shared.Return(_buffer);
        this = default;
        return bytes;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length >= more) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
