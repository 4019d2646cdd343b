using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;

namespace TestApp;

/// <summary>A SignalR hub: one call that answers, one stream from the server.</summary>
public sealed class EchoHub : Hub
{
    public string Echo(string message) => message;

    public async IAsyncEnumerable<int> Count(int upTo, [EnumeratorCancellation] CancellationToken cancelled)
    {
        for (var i = 1; i <= upTo; i++)
        {
            yield return i;
            await Task.Delay(10, cancelled);
        }
    }
}
