using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>coturn's <c>turnutils_uclient</c> in a namespace. It pauses between its sessions and after them, so several run side by side in the time of one.</summary>
internal static class CoturnClient
{
    /// <summary>Credentials as any holder of the secret makes them (draft-uberti-behave-turn-rest).</summary>
    /// <param name="secret">The TURN server's.</param>
    /// <param name="lifetime">How long they hold.</param>
    /// <param name="account">Whom they name.</param>
    public static (string Username, string Password) Credentials(string secret, TimeSpan lifetime, string account = "ann")
    {
        var username = (DateTimeOffset.UtcNow + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + ":" + account;
#pragma warning disable CA5350 // The form demands SHA-1.
        return (username, Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username))));
#pragma warning restore CA5350
    }

    /// <summary>Runs it to its end.</summary>
    public static CommandResult Run(NetworkNamespace ns, string server, (string Username, string Password) credentials, params string[] args) =>
        ns.Run(TimeSpan.FromSeconds(90), "turnutils_uclient", [.. args, "-u", credentials.Username, "-w", credentials.Password, server]);

    /// <summary>Runs it in several ways at once, and asserts that nothing is lost in any.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="ways">The server and the arguments of each.</param>
    /// <param name="credentials">Those of the way with a number; what an account may have at once is bounded, so each may have its own.</param>
    public static Task LosesNothingAsync(NetworkNamespace ns, IEnumerable<(string Server, string[] Args)> ways, Func<int, (string Username, string Password)> credentials) =>
        Task.WhenAll(ways.Select((way, i) => Task.Run(() => AssertNothingLost(Run(ns, way.Server, credentials(i), way.Args), $"{way.Server} {string.Join(' ', way.Args)}"))));

    /// <summary>Whether it sent something and all of it came back.</summary>
    public static bool IsWhole(string output) => output.Contains("Total lost packets 0 (0.000000%)", StringComparison.Ordinal) && Regex.IsMatch(output, @"tot_send_msgs=[1-9]\d*, tot_recv_msgs=[1-9]\d*");

    /// <summary>Asserts that it ended well, and that nothing was lost.</summary>
    /// <param name="result">What it said.</param>
    /// <param name="how">How it was run.</param>
    public static void AssertNothingLost(CommandResult result, string how) => Assert.True(result.ExitCode == 0 && IsWhole(result.All), $"{how}\n{result.All}");
}
