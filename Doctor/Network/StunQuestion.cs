using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Media.Core.Stun;

namespace Parley.Doctor.Network;

/// <summary>The question that every STUN server answers to strangers: where do you see me (RFC 8489 section 12)?</summary>
public static class StunQuestion
{
    // RFC 8489 section 6.2.1 would ask for 39 s; who starts a server waits for less.
    private static readonly int[] WaitsMs = [500, 1000, 1500];

    /// <summary>Asks over UDP; null if the name leads nowhere or no answer comes within three seconds.</summary>
    public static IPAddress? Ask(DnsEndPoint server, IPAddress bind)
    {
        try
        {
            var addresses = Dns.GetHostAddresses(server.Host);
            var isAny = bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any);
            var address = isAny ? addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault() : addresses.FirstOrDefault(a => a.AddressFamily == bind.AddressFamily);
            if (address is null) return null;
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (!isAny) socket.Bind(new IPEndPoint(bind, 0));
            socket.Connect(address, server.Port); // what others send is not heard
            return Ask(socket);
        }
        catch (SocketException)
        {
            return null; // no such name, no way there
        }
    }

    private static IPAddress? Ask(Socket socket)
    {
        var id = RandomNumberGenerator.GetBytes(12);
        var room = new byte[1500];
        var request = new StunWriter(room, StunClass.Request, StunMethod.Binding, id).Written.ToArray();
        foreach (var wait in WaitsMs)
        {
            socket.Send(request);
            for (var until = Environment.TickCount64 + wait; until - Environment.TickCount64 is > 0 and var left && socket.Poll(TimeSpan.FromMilliseconds(left), SelectMode.SelectRead);)
            {
                var length = socket.Receive(room);
                if (StunMessage.TryParse(room.AsSpan(0, length), out var answer) && answer.Class == StunClass.Success && answer.Method == StunMethod.Binding && answer.TransactionId.SequenceEqual(id)
                    && answer.TryGetXorAddress(StunAttribute.XorMappedAddress, out var seen)) return seen.ToIPEndPoint().Address;
            }
        }

        return null;
    }
}
