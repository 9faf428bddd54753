using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>What a descriptor is watched for, or is ready for.</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>EPOLLIN.</summary>
    Readable = 1,
    /// <summary>EPOLLOUT.</summary>
    Writable = 4,
    /// <summary>EPOLLERR; always watched.</summary>
    Error = 8,
    /// <summary>EPOLLHUP; always watched.</summary>
    HangUp = 16,
}

/// <summary>Waits for many descriptors, level-triggered. One thread; waiting allocates nothing.</summary>
public sealed unsafe class Epoll : IDisposable
{
    // struct epoll_event: 32 bits of events and 64 of data, packed on x64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TagOffset = Stride - 8;

    private readonly FileDescriptor _fd;
    private readonly byte[] _events;
    private int _count;

    /// <summary>Makes one.</summary>
    /// <param name="maxEvents">How many descriptors one wait reports at most; the others come with the next.</param>
    public Epoll(int maxEvents = 64)
    {
        if (!NativeLibraries.IsSupported(out var reason)) throw new PlatformNotSupportedException(reason);
        var fd = Libc.EpollCreate(Libc.CloseOnExec);
        if (fd < 0) throw SystemCallException.Last("epoll_create1");
        _fd = new(fd);
        _events = GC.AllocateArray<byte>(maxEvents * Stride, pinned: true);
    }

    /// <summary>Watches a descriptor.</summary>
    public void Add(int fd, long tag, EpollEvents events = EpollEvents.Readable) => Control(Libc.EpollAdd, fd, tag, events, "add");

    /// <summary>Watches it for other events, or with another tag.</summary>
    public void Modify(int fd, long tag, EpollEvents events) => Control(Libc.EpollModify, fd, tag, events, "modify");

    /// <summary>Stops watching; before the descriptor is closed.</summary>
    public void Remove(int fd) => Control(Libc.EpollRemove, fd, 0, EpollEvents.None, "remove");

    /// <summary>Waits.</summary>
    /// <param name="timeoutMs">At most this long; 0 does not wait, negative waits for ever.</param>
    /// <returns>How many descriptors are ready; 0 also after a signal.</returns>
    public int Wait(int timeoutMs)
    {
        fixed (byte* events = _events) _count = Libc.EpollWait(_fd.Number, events, _events.Length / Stride, timeoutMs);
        if (_count >= 0) return _count;
        var errno = Marshal.GetLastSystemError();
        _count = 0;
        return errno == Libc.Interrupted ? 0 : throw SystemCallException.Of(errno, "epoll_wait");
    }

    /// <summary>The tag of a ready descriptor, of the latest <see cref="Wait"/>.</summary>
    public long Tag(int index) => BinaryPrimitives.ReadInt64LittleEndian(Event(index)[TagOffset..]);

    /// <summary>What it is ready for.</summary>
    public EpollEvents Events(int index) => (EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(Event(index));

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();

    private ReadOnlySpan<byte> Event(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count);
        return _events.AsSpan(index * Stride, Stride);
    }

    private void Control(int operation, int fd, long tag, EpollEvents events, string name)
    {
        var change = stackalloc byte[16];
        var bytes = new Span<byte>(change, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)events);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[TagOffset..], tag);
        if (Libc.EpollControl(_fd.Number, operation, fd, change) != 0) throw SystemCallException.Last($"epoll_ctl {name}", fd.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
