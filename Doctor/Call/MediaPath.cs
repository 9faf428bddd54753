using System.Net;
using System.Net.Sockets;
using System.Text;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Stun;

namespace Parley.Doctor.Call;

/// <summary>
/// The addresses at which a call's media are offered, asked by the checks of ICE (RFC 8445 section 7.2.4): which of them answer tells a wrong address from a blocked port.
/// </summary>
internal sealed class MediaPath(IceCredentials local, IceCredentials remote, IReadOnlyList<IPEndPoint> candidates)
{
    private readonly Dictionary<UInt128, IPEndPoint> _sent = [];

    /// <summary>The candidates, the advertised address first.</summary>
    public IReadOnlyList<IPEndPoint> Candidates => candidates;

    /// <summary>Those that answered.</summary>
    public HashSet<IPEndPoint> Answered { get; } = [];

    /// <summary>Asks each that has not answered yet.</summary>
    public void Probe(Socket socket)
    {
        foreach (var candidate in candidates.Where(c => !Answered.Contains(c)))
        {
            var id = System.Security.Cryptography.RandomNumberGenerator.GetBytes(12);
            _sent[Turn.StunAnswer.TransactionOf(id)] = candidate;
            try
            {
                socket.SendTo(Write(id), candidate.AddressFamily == socket.AddressFamily ? candidate : new IPEndPoint(candidate.Address.MapToIPv6(), candidate.Port));
            }
            catch (SocketException)
            {
                // No way there from this machine: that is what not answering means.
            }
        }
    }

    /// <summary>Notes an answer to one of these checks; false if it is to another.</summary>
    public bool Take(ReadOnlySpan<byte> datagram)
    {
        if (!StunMessage.TryParse(datagram, out var message) || message.Class != StunClass.Success || !_sent.TryGetValue(Turn.StunAnswer.TransactionOf(message.TransactionId), out var candidate)) return false;
        if (message.CheckIntegrity(Encoding.UTF8.GetBytes(remote.Password)) == StunProof.Valid) Answered.Add(candidate);
        return true;
    }

    private byte[] Write(byte[] id)
    {
        var buffer = new byte[300];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, id);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes($"{remote.Ufrag}:{local.Ufrag}"));
        writer.AddUInt32(StunAttribute.Priority, 1);
        writer.AddUInt64(StunAttribute.IceControlling, ulong.MaxValue);
        writer.AddIntegrity(Encoding.UTF8.GetBytes(remote.Password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
