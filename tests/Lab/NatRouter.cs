using System.Globalization;

namespace Parley.tests.Lab;

/// <summary>How a NAT maps the flows of a host behind it (RFC 4787 section 4.1).</summary>
public enum NatKind
{
    /// <summary>Address- and port-dependent: each destination sees another port, so that hole punching fails.</summary>
    Symmetric,

    /// <summary>Endpoint-independent: the port is kept.</summary>
    Cone,
}

/// <summary>What a network lets out.</summary>
public enum Outlet
{
    /// <summary>Everything.</summary>
    Open,

    /// <summary>TCP alone.</summary>
    NoUdp,

    /// <summary>TCP to port 443 alone, as in offices and hotels.</summary>
    Only443,
}

/// <summary>A router with NAT: <c>wan</c> outside, <c>lan</c> inside.</summary>
public sealed class NatRouter
{
    internal NatRouter(NetworkNamespace ns) => Namespace = ns;

    /// <summary>The router itself.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>Masks who is inside, and lets nobody in who was not asked.</summary>
    public void Masquerade(NatKind kind)
    {
        Forward();
        // What comes to the router itself unasked is dropped before conntrack keeps it, or an early check of the other side would take the port of the hole.
        Namespace.Nft(
            $$"""
            table ip nat {
              chain post {
                type nat hook postrouting priority 100;
                oifname "wan" {{(kind == NatKind.Symmetric ? "masquerade random,fully-random" : "masquerade")}}
              }
            }
            table ip filter {
              chain unasked {
                type filter hook input priority 0;
                iifname "wan" meta l4proto { tcp, udp } drop
              }
              chain outlet {
              }
              chain through {
                type filter hook forward priority 0; policy drop;
                jump outlet
                iifname "lan" accept
                ct state established,related accept
              }
            }
            """);
    }

    /// <summary>Maps one address outside to one inside, both ways, as clouds do (1:1 NAT).</summary>
    public void MapOneToOne(string outside, string inside)
    {
        Forward();
        Namespace.Nft(
            $$"""
            table ip nat
            delete table ip nat
            table ip nat {
              chain pre {
                type nat hook prerouting priority -100;
                iifname "wan" ip daddr {{outside}} dnat to {{inside}}
              }
              chain post {
                type nat hook postrouting priority 100;
                oifname "wan" ip saddr {{inside}} snat to {{outside}}
              }
            }
            """);
    }

    /// <summary>Changes what may leave; flows that live die with it.</summary>
    public void Let(Outlet outlet)
    {
        var rule = outlet switch
        {
            Outlet.NoUdp => "add rule ip filter outlet meta l4proto udp drop",
            Outlet.Only443 => "add rule ip filter outlet iifname \"lan\" tcp dport != 443 drop\nadd rule ip filter outlet meta l4proto udp drop",
            _ => "",
        };
        Namespace.Nft($"flush chain ip filter outlet\n{rule}\n");
    }

    /// <summary>Loses a part of what passes, in percent.</summary>
    public void Lose(int percent) =>
        Namespace.Nft(string.Create(CultureInfo.InvariantCulture, $"add rule ip filter outlet meta l4proto udp numgen random mod 100 < {percent} drop\n"));

    private void Forward() => Shell.Run("ip", "netns", "exec", Namespace.Name, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
}
