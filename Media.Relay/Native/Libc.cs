using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>The system calls of sockets and waiting, by Linux's own numbers; these are the same on x64 and arm64, with glibc and musl.</summary>
internal static unsafe partial class Libc
{
    /// <summary>What the imports call the library; <see cref="NativeLibraries"/> finds it.</summary>
    public const string Name = "libc";

    public const int AddressFamilyInet = 2, AddressFamilyInet6 = 10;
    public const int SocketDatagram = 2, SocketNonBlocking = 0x800, SocketCloseOnExec = 0x80000;

    public const int LevelSocket = 1, LevelIp = 0, LevelUdp = 17, LevelIpv6 = 41;
    public const int SendBuffer = 7, ReceiveBuffer = 8, ReusePort = 15, SendBufferForce = 32, ReceiveBufferForce = 33;
    public const int IpPacketInfo = 8, IpMtuDiscover = 10, IpReceiveErrors = 11;
    public const int Ipv6MtuDiscover = 23, Ipv6ReceiveErrors = 25, Ipv6Only = 26, Ipv6ReceivePacketInfo = 49, Ipv6PacketInfo = 50;
    public const int UdpSegment = 103;

    /// <summary>IP_PMTUDISC_OMIT: never set DF and never believe a path MTU, which anyone may forge by ICMP.</summary>
    public const int PathMtuOmit = 5;

    /// <summary>IP_PMTUDISC_PROBE: set DF and never believe a path MTU.</summary>
    public const int PathMtuProbe = 3;

    public const int MessageErrorQueue = 0x2000;

    /// <summary>SO_EE_ORIGIN_ICMP and SO_EE_ORIGIN_ICMP6.</summary>
    public const byte OriginIcmp = 2, OriginIcmp6 = 3;

    public const int MessageTruncated = 0x20, MessageDontWait = 0x40, MessageNoSignal = 0x4000;

    public const int Interrupted = 4, InputOutput = 5, TryAgain = 11, AccessDenied = 13, Invalid = 22, TooManyFiles = 24, MessageTooLong = 90,
        NotSupported = 95, FamilyNotSupported = 97, AddressInUse = 98, AddressNotAvailable = 99, NetworkUnreachable = 101, NoBuffers = 105,
        ConnectionRefused = 111, HostDown = 112, HostUnreachable = 113, ProtocolError = 71;

    public const int EpollAdd = 1, EpollRemove = 2, EpollModify = 3, CloseOnExec = 0x80000, NonBlocking = 0x800;

    /// <summary>CLOCK_THREAD_CPUTIME_ID.</summary>
    public const int ThreadCpuClock = 3;

    static Libc() => NativeLibraries.EnsureResolver();

    [LibraryImport(Name, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Name, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, byte* address, int length);

    [LibraryImport(Name, EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int fd, byte* address, int* length);

    [LibraryImport(Name, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int fd, int level, int option, void* value, int length);

    [LibraryImport(Name, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int fd, int level, int option, void* value, int* length);

    // What is called for every packet keeps no errno: after a failure Marshal.GetLastSystemError gives it, as the generated code would have done before each return.
    [LibraryImport(Name, EntryPoint = "recvmmsg")]
    public static partial int ReceiveMany(int fd, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(Name, EntryPoint = "sendmmsg")]
    public static partial int SendMany(int fd, MessageHeader* messages, uint count, int flags);

    [LibraryImport(Name, EntryPoint = "recvfrom")]
    public static partial nint ReceiveFrom(int fd, byte* to, nuint length, int flags, byte* address, uint* addressLength);

    [LibraryImport(Name, EntryPoint = "sendto")]
    public static partial nint SendTo(int fd, byte* bytes, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Name, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, byte* change);

    [LibraryImport(Name, EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, byte* events, int maxEvents, int timeoutMs);

    [LibraryImport(Name, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* to, nuint count);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* from, nuint count);

    [LibraryImport(Name, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int GetClock(int clock, long* secondsAndNanoseconds);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>
    /// struct mmsghdr. musl declares two lengths as 32 bits and padding where the kernel and glibc have 64 bits; on a little-endian machine, with the padding 0,
    /// these are the same bytes.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Length;
        private readonly int _padding2;
    }

    /// <summary>struct sock_extended_err; the address of who reported the error follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ExtendedError
    {
        public uint Errno;
        public byte Origin;
        public byte Type;
        public byte Code;
        private readonly byte _padding;
        public uint Info;
        public uint Data;
    }

    /// <summary>struct cmsghdr; its data follows, and the next begins at a multiple of 8.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
