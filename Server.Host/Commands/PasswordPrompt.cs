using System.Text;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary>Asks for a password that was not given.</summary>
internal static class PasswordPrompt
{
    public static async Task<string> ReadAsync(CancellationToken ct)
    {
        var password = Console.IsInputRedirected ? await Console.In.ReadLineAsync(ct) : ReadHidden();
        return password is { Length: > 0 } ? password : throw new StartFailureException("--password", "a password is needed.");
    }

    private static string ReadHidden()
    {
        Console.Error.Write("Password: ");
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace) text.Length = Math.Max(0, text.Length - 1);
            else if (key.KeyChar >= ' ') text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
