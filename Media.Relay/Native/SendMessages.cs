using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Parley.Media.Core;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Native;

/// <summary>An array of struct mmsghdr with what it points to, in native memory, filled anew for each flush.</summary>
internal sealed unsafe class SendMessages : IDisposable
{
    /// <summary>A packet info of IPv6 (16 + 20, padded to 40) and a segment size (16 + 2, padded to 24).</summary>
    private const int ControlSize = 64;

    private const int PacketInfo4 = 12, PacketInfo6 = 20, Segment = 2;

    private readonly byte* _names, _controls;
    private readonly Libc.IoVector* _vectors;
    private readonly Libc.MessageHeader* _messages, _single;
    private byte* _memory;
    private AddressKey _local, _remote;
    private int _parts;

    public SendMessages(UdpSocket socket, int capacity)
    {
        Socket = socket;
        var vectors = capacity * (NativeAddress.Size + ControlSize);
        var messages = vectors + (capacity * sizeof(Libc.IoVector));
        var size = messages + ((capacity + 1) * sizeof(Libc.MessageHeader));
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)size, 64);
        new Span<byte>(_memory, size).Clear();
        _names = _memory;
        _controls = _names + (capacity * NativeAddress.Size);
        _vectors = (Libc.IoVector*)(_memory + vectors);
        _messages = (Libc.MessageHeader*)(_memory + messages);
        _single = _messages + capacity;
    }

    /// <summary>Frees what a forgotten queue had.</summary>
    ~SendMessages() => Free();

    /// <summary>Where they go out.</summary>
    public UdpSocket Socket { get; set; }

    /// <summary>How many messages there are.</summary>
    public int Count { get; private set; }

    /// <summary>Where the messages to come go.</summary>
    public void SetDestination(in AddressKey local, in AddressKey remote) => (_local, _remote) = (local, remote);

    /// <summary>Begins a message.</summary>
    public void Begin()
    {
        ref var message = ref _messages[Count];
        message.Name = _names + (Count * NativeAddress.Size);
        message.NameLength = (uint)NativeAddress.Write(new(message.Name, NativeAddress.Size), _remote, Socket.IsIPv6);
        message.Vectors = _vectors + _parts;
        message.VectorCount = 0;
    }

    /// <summary>Adds a datagram to the message.</summary>
    public void AddPart(byte* bytes, int length)
    {
        _vectors[_parts++] = new() { Base = bytes, Length = (nuint)length };
        _messages[Count].VectorCount++;
    }

    /// <summary>Ends the message.</summary>
    /// <param name="segmentSize">The size of its datagrams; 0 if it is only one.</param>
    public void End(int segmentSize)
    {
        ref var message = ref _messages[Count];
        var control = new Span<byte>(_controls + (Count * ControlSize), ControlSize);
        var length = Socket.IsAny && !NativeAddress.IsAny(_local) ? WritePacketInfo(control) : 0;
        if (segmentSize > 0)
        {
            var data = WriteHeader(control[length..], Libc.LevelUdp, Libc.UdpSegment, Segment);
            BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)segmentSize);
            length += Space(Segment);
        }

        message.Control = length > 0 ? _controls + (Count * ControlSize) : null;
        message.ControlLength = (nuint)length;
        Count++;
    }

    /// <summary>How many datagrams a message has.</summary>
    public int Parts(int message) => (int)_messages[message].VectorCount;

    /// <summary>The length of a message's datagram.</summary>
    public int PartLength(int message, int part) => (int)_messages[message].Vectors[part].Length;

    /// <summary>Sends the messages from one on; returns how many the kernel took, or 0 and errno for the first of them.</summary>
    public int Send(int from, out int errno)
    {
        var taken = Libc.SendMany(Socket.Fd, _messages + from, (uint)(Count - from), Libc.MessageDontWait | Libc.MessageNoSignal);
        errno = taken > 0 ? 0 : Marshal.GetLastSystemError();
        return Math.Max(taken, 0);
    }

    /// <summary>Sends one datagram of a segmented message by itself.</summary>
    public bool SendPart(int message, int part, out int errno)
    {
        *_single = _messages[message];
        _single->Vectors += part;
        _single->VectorCount = 1;
        _single->ControlLength -= (nuint)Space(Segment);
        if (_single->ControlLength == 0) _single->Control = null;
        var taken = Libc.SendMany(Socket.Fd, _single, 1, Libc.MessageDontWait | Libc.MessageNoSignal);
        errno = taken > 0 ? 0 : Marshal.GetLastSystemError();
        return taken > 0;
    }

    /// <summary>Whether what goes out from an address needs nothing said beside its bytes.</summary>
    public bool IsPlain(in AddressKey local) => !Socket.IsAny || NativeAddress.IsAny(local);

    /// <summary>Sends one plain datagram by the call that costs least. There is no other message at this time.</summary>
    public bool SendOne(byte* bytes, int length, in AddressKey remote, out int errno)
    {
        var name = NativeAddress.Write(new(_names, NativeAddress.Size), remote, Socket.IsIPv6);
        var sent = Libc.SendTo(Socket.Fd, bytes, (nuint)length, Libc.MessageDontWait | Libc.MessageNoSignal, _names, (uint)name);
        errno = sent >= 0 ? 0 : Marshal.GetLastSystemError();
        return sent >= 0;
    }

    /// <summary>Forgets them all.</summary>
    public void Clear() => (Count, _parts) = (0, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static int Space(int data) => (sizeof(Libc.ControlHeader) + data + 7) & ~7;

    private static Span<byte> WriteHeader(Span<byte> to, int level, int type, int length)
    {
        MemoryMarshal.Write(to, new Libc.ControlHeader { Length = (nuint)(sizeof(Libc.ControlHeader) + length), Level = level, Type = type });
        return to.Slice(sizeof(Libc.ControlHeader), length);
    }

    /// <summary>Says which address to send from. An IPv6 socket takes an IPv4 address in its mapped form.</summary>
    private int WritePacketInfo(Span<byte> control)
    {
        if (Socket.IsIPv6)
        {
            var data = WriteHeader(control, Libc.LevelIpv6, Libc.Ipv6PacketInfo, PacketInfo6);
            BinaryPrimitives.WriteUInt128BigEndian(data, _local.Address);
            data[16..].Clear();
            return Space(PacketInfo6);
        }

        if (!AddressBits.IsIPv4(_local.Address, out var v4)) return 0;
        var info = WriteHeader(control, Libc.LevelIp, Libc.IpPacketInfo, PacketInfo4);
        info.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(info[4..], v4); // ipi_spec_dst
        return Space(PacketInfo4);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
