using System.Buffers.Binary;

namespace Parley.Media.Core.Video.H264;

/// <summary>
/// Puts a picture together from the payloads of RFC 6184 in order: single NAL units, STAP-A and FU-A, which is what packetization modes 0 and 1 have. What comes out is a byte stream
/// (annex B) of slices and the parameter sets that were sent with them; where a picture at which decoding can begin has none, those of before are put in front. One thread.
/// </summary>
public sealed class AccessUnit
{
    // Real ones have some 30 bytes together.
    private const int MaxParameters = 2_048;

    private const int StartCode = 4;

    private readonly byte[] _parameters = new byte[MaxParameters];
    private byte[] _bytes = new byte[16 * 1024];
    private int _length, _parametersLength;
    private int _fragment = -1; // where the unit begins of which fragments come
    private bool _hasParameters;

    /// <summary>What came so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Whether there is anything to be seen in it.</summary>
    public bool HasSlices { get; private set; }

    /// <summary>Whether decoding can begin with it (an IDR picture).</summary>
    public bool IsKey { get; private set; }

    /// <summary>Begins the next picture; parameter sets stay known.</summary>
    public void Clear()
    {
        (_length, _fragment) = (0, -1);
        (HasSlices, IsKey, _hasParameters) = (false, false, false);
    }

    /// <summary>Takes the picture's next payload.</summary>
    /// <returns>False if it breaks a rule, or the picture's beginning is missing, or it is longer than <see cref="FrameAssembler.MaxFrame"/>.</returns>
    public bool Put(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || NalUnit.IsForbidden(payload[0])) return false;
        var type = NalUnit.TypeOf(payload[0]);
        if (type == NalUnit.Fragment) return PutFragment(payload);
        if (_fragment >= 0) return false; // fragments of one unit are sent without others between them (section 5.8)
        return type switch
        {
            >= 1 and <= NalUnit.LastSingle => PutUnit(payload),
            NalUnit.Aggregate => PutAggregate(payload[1..]),
            0 or 30 or 31 => true, // not defined, so to be passed over (section 5.2)
            _ => false, // interleaved: nobody negotiates that with us
        };
    }

    /// <summary>The picture's last packet was put; false if it is not whole, or decoding was to begin with it and there are no parameter sets.</summary>
    public bool TryComplete()
    {
        if (_fragment >= 0 || !HasSlices) return false;
        if (!IsKey || _hasParameters) return true;
        if (_parametersLength == 0 || _length + _parametersLength > FrameAssembler.MaxFrame) return false;
        Reserve(_parametersLength);
        _bytes.AsSpan(0, _length).CopyTo(_bytes.AsSpan(_parametersLength));
        _parameters.AsSpan(0, _parametersLength).CopyTo(_bytes);
        _length += _parametersLength;
        return true;
    }

    // Section 5.7.1: lengths of 16 bits, each before its unit.
    private bool PutAggregate(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length == 0 || rest.Length < 2 + length || NalUnit.TypeOf(rest[2]) is 0 or > NalUnit.LastSingle || !PutUnit(rest.Slice(2, length))) return false;
            rest = rest[(2 + length)..];
        }

        return rest.IsEmpty;
    }

    // Section 5.8: the unit's first byte is divided between the payload's first two, whose second says where the unit begins and ends.
    private bool PutFragment(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2) return false;
        var (isFirst, isLast, type) = ((payload[1] & 0x80) != 0, (payload[1] & 0x40) != 0, NalUnit.TypeOf(payload[1]));
        if ((isFirst && isLast) || isFirst == (_fragment >= 0) || type is 0 or > NalUnit.LastSingle) return false;
        if (isFirst)
        {
            _fragment = _length;
            if (!Append([0, 0, 0, 1, (byte)((payload[0] & 0xE0) | type)])) return false;
        }
        else if (NalUnit.TypeOf(_bytes[_fragment + StartCode]) != type)
        {
            return false;
        }

        if (!Append(payload[2..])) return false;
        if (!isLast) return true;
        var from = _fragment;
        _fragment = -1;
        return Settle(from);
    }

    private bool PutUnit(ReadOnlySpan<byte> unit)
    {
        var from = _length;
        return !NalUnit.IsForbidden(unit[0]) && Append([0, 0, 0, 1]) && Append(unit) && Settle(from);
    }

    // A unit is whole: says whether it may be there.
    private bool Settle(int from)
    {
        var unit = _bytes.AsSpan(from + StartCode, _length - from - StartCode);
        switch (NalUnit.TypeOf(unit[0]))
        {
            case NalUnit.Slice or NalUnit.IdrSlice:
                // Slices come in order where no profile with arbitrary order was agreed: another first one is what is left of a picture.
                if (!HasSlices && !NalUnit.BeginsPicture(unit)) return false;
                (HasSlices, IsKey) = (true, IsKey || NalUnit.TypeOf(unit[0]) == NalUnit.IdrSlice);
                return true;
            case NalUnit.SequenceParameters:
                if (!_hasParameters) _parametersLength = 0;
                _hasParameters = true;
                Remember(from);
                return true;
            case NalUnit.PictureParameters:
                Remember(from);
                return true;
            case 2 or 3 or 4:
                return false; // partitions, which only the extended profile has
            default:
                _length = from; // delimiters, messages, filling, and layers above the first: nothing that is needed to decode
                return true;
        }
    }

    private void Remember(int from)
    {
        var set = _bytes.AsSpan(from, _length - from);
        if (_parametersLength + set.Length > MaxParameters || _parameters.AsSpan(0, _parametersLength).IndexOf(set) >= 0) return;
        set.CopyTo(_parameters.AsSpan(_parametersLength));
        _parametersLength += set.Length;
    }

    private bool Append(ReadOnlySpan<byte> data)
    {
        if (_length + data.Length > FrameAssembler.MaxFrame) return false;
        Reserve(data.Length);
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
        return true;
    }

    private void Reserve(int more)
    {
        if (_length + more > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
    }
}
