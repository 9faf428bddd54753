using System.Globalization;

namespace Parley.tests.Lab;

/// <summary>
/// The packets of one program inside a namespace. Its sockets carry a group id of their own; conntrack remembers it for both directions of each flow,
/// so that one browser can fall off the network while all others, at the same address, stay.
/// </summary>
public sealed class PacketGate
{
    private const int FirstGroup = 7000;
    private readonly NetworkNamespace _ns;

    internal PacketGate(NetworkNamespace ns, int number)
    {
        (_ns, Group) = (ns, FirstGroup + number);
        if (number == 1)
        {
            Nft("add table inet gate");
            Nft("add chain inet gate out { type filter hook output priority mangle; }");
        }

        // Of a chain for each gate: opening one gate leaves the others as they are.
        Nft($"add rule inet gate out meta skgid {Text} ct mark set {Text}");
        Nft($"add chain inet gate {Chain} {{ type filter hook input priority filter; }}");
    }

    /// <summary>The group id of the program's sockets.</summary>
    public int Group { get; }

    /// <summary>Drops everything, both ways: the cable is out.</summary>
    public void DropAll() => Nft($"add rule inet gate {Chain} ct mark {Text} drop");

    /// <summary>Drops what is UDP, both ways: media dies, TCP lives.</summary>
    public void DropUdp() => Nft($"add rule inet gate {Chain} ct mark {Text} meta l4proto udp drop");

    /// <summary>
    /// Answers each TCP packet, of either side, with a reset: XMPP dies as soon as anything is said, media lives. Resets themselves pass.
    /// </summary>
    /// <param name="port">The one server port that this is about.</param>
    public void ResetTcp(int port)
    {
        foreach (var end in (string[])["dport", "sport"])
        {
            Nft(string.Create(CultureInfo.InvariantCulture, $"add rule inet gate {Chain} ct mark {Group} tcp {end} {port} tcp flags & rst != rst reject with tcp reset"));
        }
    }

    /// <summary>Kills the program, all processes of it at once.</summary>
    /// <returns>How many there were.</returns>
    public int KillProgram() => GatedProcesses.Kill(Group);

    /// <summary>Lets everything pass again.</summary>
    public void Open() => Nft($"flush chain inet gate {Chain}");

    private string Text => Group.ToString(CultureInfo.InvariantCulture);

    private string Chain => "in" + Text;

    private void Nft(string command)
    {
        var result = _ns.Run(TimeSpan.FromSeconds(10), "nft", command);
        if (result.ExitCode != 0) throw new InvalidOperationException($"nft {command}: {result.All}");
    }
}
