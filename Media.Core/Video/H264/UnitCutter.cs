using System.Buffers.Binary;

namespace Parley.Media.Core.Video.H264;

/// <summary>Cuts a picture's byte stream (annex B) into payloads of RFC 6184: parameter sets together (STAP-A), other units alone, long ones in fragments (FU-A).</summary>
/// <param name="singleUnits">Packetization mode 0: every unit goes alone and as it is (section 6.2).</param>
internal sealed class UnitCutter(bool singleUnits)
{
    private const int FragmentHead = 2;

    private readonly List<Piece> _pieces = [];

    /// <summary>Plans the packets of a picture and says how many they are; 0 if there are none, or a unit is too long for one and may not be divided.</summary>
    public int Begin(ReadOnlySpan<byte> frame)
    {
        _pieces.Clear();
        var units = new AnnexB(frame);
        while (units.MoveNext())
        {
            var (from, length) = (units.From, units.End - units.From);
            if (!singleUnits && NalUnit.TypeOf(frame[from]) is NalUnit.SequenceParameters or NalUnit.PictureParameters && TryAggregate(from, units.End)) continue;
            if (length <= VideoPackets.MaxPayload) _pieces.Add(new(from, units.End, PieceKind.Unit, 0, 0));
            else if (!singleUnits) AddFragments(frame[from], from, units.End);
            else return 0;
        }

        return _pieces.Count;
    }

    /// <summary>Writes a packet's payload and returns its length.</summary>
    public int Write(Span<byte> to, ReadOnlySpan<byte> frame, int index)
    {
        var piece = _pieces[index];
        if (piece.Kind == PieceKind.Aggregate) return WriteAggregate(to, frame[piece.From..piece.End]);
        var at = 0;
        if (piece.Kind == PieceKind.Fragment) (to[0], to[1], at) = (piece.Indicator, piece.Header, FragmentHead);
        frame[piece.From..piece.End].CopyTo(to[at..]);
        return at + piece.End - piece.From;
    }

    // Parameter sets follow each other at the beginning. What is taken together is one stretch of the stream, start codes included.
    private bool TryAggregate(int from, int end)
    {
        if (_pieces.Count == 0) return Add(from - 3, end);
        var last = _pieces[^1];
        // Each start code of at least three bytes makes room for a length of two.
        if (last.Kind != PieceKind.Aggregate || 1 + end - last.From > VideoPackets.MaxPayload) return false;
        _pieces.RemoveAt(_pieces.Count - 1);
        return Add(last.From, end);
    }

    private bool Add(int from, int end)
    {
        if (1 + end - from > VideoPackets.MaxPayload) return false;
        _pieces.Add(new(from, end, PieceKind.Aggregate, 0, 0));
        return true;
    }

    private void AddFragments(byte first, int from, int end)
    {
        // The unit's first byte is told by the fragments' own two. Of even length, so that none is a tiny rest.
        var (start, length) = (from + 1, end - from - 1);
        var count = (length + VideoPackets.MaxPayload - FragmentHead - 1) / (VideoPackets.MaxPayload - FragmentHead);
        for (var i = 0; i < count; i++)
        {
            var header = NalUnit.TypeOf(first) | (i == 0 ? 0x80 : 0) | (i == count - 1 ? 0x40 : 0);
            _pieces.Add(new(start + (int)((long)length * i / count), start + (int)((long)length * (i + 1) / count), PieceKind.Fragment, (byte)((first & 0xE0) | NalUnit.Fragment), (byte)header));
        }
    }

    // Section 5.7.1: the first byte has the most important of the units' ranks.
    private static int WriteAggregate(Span<byte> to, ReadOnlySpan<byte> stream)
    {
        var (at, rank) = (1, 0);
        var units = new AnnexB(stream);
        while (units.MoveNext())
        {
            rank = Math.Max(rank, units.Unit[0] & 0x60);
            BinaryPrimitives.WriteUInt16BigEndian(to[at..], (ushort)units.Unit.Length);
            units.Unit.CopyTo(to[(at + 2)..]);
            at += 2 + units.Unit.Length;
        }

        to[0] = (byte)(rank | NalUnit.Aggregate);
        return at;
    }

    private enum PieceKind
    {
        Unit,
        Aggregate,
        Fragment,
    }

    private readonly record struct Piece(int From, int End, PieceKind Kind, byte Indicator, byte Header);
}
